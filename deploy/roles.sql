-- Two roles: the owner migrates, the application works. The application owns nothing, so it can neither drop
-- the triggers that keep the audit record from being changed nor empty the table.
-- Run once, as the superuser, before the first `manage.py migrate`:
--   sudo -u postgres psql -v owner_password=... -v password=... -f deploy/roles.sql
\set ON_ERROR_STOP on

CREATE ROLE landbureau_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE landbureau LOGIN PASSWORD :'password';
CREATE DATABASE landbureau OWNER landbureau_owner ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'
    TEMPLATE template0;

\connect landbureau
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON DATABASE landbureau FROM PUBLIC;
GRANT CONNECT ON DATABASE landbureau TO landbureau;
GRANT USAGE, CREATE ON SCHEMA public TO landbureau_owner;
GRANT USAGE ON SCHEMA public TO landbureau;
ALTER DEFAULT PRIVILEGES FOR ROLE landbureau_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO landbureau;
ALTER DEFAULT PRIVILEGES FOR ROLE landbureau_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO landbureau;
