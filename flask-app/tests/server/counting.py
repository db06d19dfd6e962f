"""The application with a module that declares instruments as prometheus-client's own docs do."""

import os

from flask import Flask
from prometheus_client import Counter, Enum, Gauge, Histogram, Info, Summary

from app import create_app

ORDERS = Counter("shop_orders_total", "Orders.")
BY_KIND = Counter("shop_orders_by_kind_total", "Orders by kind.", ["kind"])
SECONDS = Histogram("shop_seconds", "Time of an order.", ["kind"], buckets=(0.1, 1))
SIZE = Summary("shop_size", "Size of an order.")
LIVE = Gauge("shop_workers", "Workers that have had an order.", multiprocess_mode="livesum")
HIGHEST = Gauge("shop_highest", "Highest order.", multiprocess_mode="max")

match os.environ.get("UNSHAREABLE"):
    case "Info":
        Info("shop", "About the shop.").info({"owner": "nobody"})
    case "Enum":
        Enum("shop_state", "State of the shop.", states=["open", "closed"])
    case "set_function":
        Gauge("shop_stock", "Stock.").set_function(lambda: 7)


def order(number: int) -> str:
    """Count one order in every instrument."""
    ORDERS.inc()
    BY_KIND.labels("book").inc()
    SECONDS.labels(kind="book").observe(0.5)
    SIZE.observe(3)
    LIVE.set(1)
    HIGHEST.set(number)
    return "ordered"


def create_counting_app() -> Flask:
    """Return the application that gunicorn is to load in place of the usual one."""
    app = create_app()
    app.add_url_rule("/order/<int:number>", view_func=order)
    return app
