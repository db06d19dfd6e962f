"""Which proxies in front of the server are trusted to say where a request came from."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Config


def init_app(app: Flask) -> None:
    """Let `app` see the client's address, scheme and host as its trusted proxies name them; by default as they arrive.

    Each proxy appends to X-Forwarded-For. Scheme, host and prefix are set once, by the nearest proxy or through it.
    """
    config = Config.of(app)
    if trusted := config.trusted_proxies:
        # Outside of everything else, so that the access log has the client's address too.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=trusted, x_proto=1, x_host=1, x_prefix=int(config.trusted_prefix)
        )
