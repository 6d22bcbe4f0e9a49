-- What the shop's own programs would have made: run it once, in an empty database.
--
--   createdb shop && psql shop -f examples/postgres_sync/schema.sql

CREATE TYPE order_state AS ENUM ('open', 'paid', 'returned');

CREATE TABLE customers (
    customer_id integer PRIMARY KEY,
    name text NOT NULL,
    tags text[] NOT NULL DEFAULT '{}',
    joined date NOT NULL
);

CREATE TABLE orders (
    order_id bigint PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    amount numeric(10, 2) NOT NULL,
    state order_state NOT NULL,
    updated_at timestamptz NOT NULL
);

-- What the pipeline writes back: each customer's orders as one row. The pipeline would make the table itself; here it is
-- made with a comment of the shop's own, which every run leaves alone.
CREATE TABLE customer_totals (
    customer_id integer PRIMARY KEY,
    name text NOT NULL,
    orders bigint NOT NULL,
    paid numeric(12, 2) NOT NULL,
    last_order timestamptz,
    comment text
);

INSERT INTO customers VALUES
    (1, 'Ada', '{early,press}', '2023-01-10'),
    (2, 'Bo', '{}', '2023-04-02'),
    (3, 'Cy', '{press}', '2024-02-29');

INSERT INTO orders VALUES
    (101, 1, 19.90, 'paid', '2024-03-01 09:00:00+00'),
    (102, 1, 5.00, 'open', '2024-03-01 09:30:00+00'),
    (103, 2, 250.00, 'paid', '2024-03-02 17:45:00+00'),
    (104, 1, 12.50, 'returned', '2024-03-03 08:15:00+00');

INSERT INTO customer_totals VALUES (2, 'Bo', 0, 0, NULL, 'asks for invoices');
