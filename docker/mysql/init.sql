-- Runs once, when the database of docker-compose.yaml is created.
CREATE USER 'monitor'@'%' IDENTIFIED BY 'monitor';
GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'monitor'@'%';

CREATE DATABASE IF NOT EXISTS demo;
CREATE TABLE demo.monitor_test_data (
  id INT AUTO_INCREMENT PRIMARY KEY,
  text VARCHAR(100),
  number INT,
  datetime DATETIME
) DEFAULT CHARSET utf8mb4;
