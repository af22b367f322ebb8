DROP TABLE email_addresses;
