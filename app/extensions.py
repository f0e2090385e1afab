"""The Flask extensions of the house, made once and attached to each application."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask
from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from app.config import process_clock
from app.platform.data import Base
from app.platform.data.clock import DatabaseClock
from app.platform.data.transaction import prepare

db = SQLAlchemy(model_class=Base)
migrate = Migrate()
csrf = CSRFProtect()
babel = Babel()
login = LoginManager()


def attach(app: Flask) -> None:
    """Attach the database and what stands on it. The web room attaches login, language and CSRF itself."""
    db.init_app(app)
    migrate.init_app(app, db, compare_type=True, render_as_batch=True)
    config = app.extensions["chengpi"]
    with app.app_context():
        prepare(db.engine, config.limits())
        if db.engine.dialect.name == "postgresql" and config.clock is process_clock:
            # several machines, one time: theirs may differ, the database has only one
            app.extensions["chengpi"] = replace(config, clock=DatabaseClock(db.engine))
