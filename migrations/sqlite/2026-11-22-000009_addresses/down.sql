DROP INDEX users_by_email_in_any_case;
DROP TABLE email_addresses;
