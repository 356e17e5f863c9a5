"""What is registered on Prefect's server beside the deployments: automations, notifications, credentials."""
