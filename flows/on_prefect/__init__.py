"""What only the Prefect page needs: how its deployments and automations are registered, and what is asked there."""
