"""What clients ask for: a module for each subject, with a blueprint `bp` that is registered because it is here."""

import importlib
import pkgutil

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the blueprint of every module of this package with `app`."""
    for module in pkgutil.iter_modules(__path__):
        app.register_blueprint(importlib.import_module(f"{__name__}.{module.name}").bp)
