-- PostgreSQL runs this once, in an empty volume: what Prefect knows and what is a fact are kept apart.
CREATE DATABASE prefect;
CREATE DATABASE settlement;
