-- What happens in the shop between two runs: an order is paid, and two are new.
UPDATE orders SET state = 'paid', updated_at = '2024-03-04 10:00:00+00' WHERE order_id = 102;
INSERT INTO orders VALUES
    (105, 3, 80.00, 'paid', '2024-03-04 11:00:00+00'),
    (106, 2, 1.25, 'open', '2024-03-04 12:00:00+00');
