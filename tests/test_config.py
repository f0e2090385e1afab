"""Settings are read once; keys are made once and kept; nothing weak is started by accident."""

from __future__ import annotations

import json
import stat

import pytest

from app.config import Config, Misconfigured


def read(tmp_path, **given):
    return Config.from_environment({"CHENGPI_INSTANCE": str(tmp_path), **given})


def test_keys_are_made_at_the_first_run_and_kept(tmp_path):
    first, second = read(tmp_path), read(tmp_path)
    file = tmp_path / "secrets.json"
    assert (first.keys, first.secret) == (second.keys, second.secret)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(json.loads(file.read_text())["data"]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]


def test_keys_of_the_environment_come_first_and_leave_no_file(tmp_path):
    ring = f"1:{'11' * 32},2:{'22' * 32}"
    config = read(
        tmp_path, CHENGPI_DATA_KEYS=ring, CHENGPI_DIGEST_KEY="33" * 32, CHENGPI_SECRET_KEY="a cookie secret"
    )
    assert config.keys.data == {1: b"\x11" * 32, 2: b"\x22" * 32}
    assert config.keys.digest == b"\x33" * 32
    assert config.secret == "a cookie secret"
    assert not (tmp_path / "secrets.json").exists()


def test_a_fixed_captcha_is_refused_outside_demonstrations_and_tests(tmp_path):
    with pytest.raises(Misconfigured):
        read(tmp_path, CHENGPI_CAPTCHA_ANSWER="1234")
    assert read(tmp_path, CHENGPI_CAPTCHA_ANSWER="1234", CHENGPI_DEMO="1").captcha_answer == "1234"
    assert read(tmp_path, CHENGPI_CAPTCHA_ANSWER="1234", CHENGPI_TESTING="1").captcha_answer == "1234"


def test_cookies_are_bound_to_https_unless_it_is_a_demonstration(tmp_path):
    real, demo = read(tmp_path), read(tmp_path, CHENGPI_DEMO="1")
    assert real.cookie("chengpi") == "__Host-chengpi"
    assert real.for_flask()["SESSION_COOKIE_SECURE"] is True
    assert demo.cookie("chengpi") == "chengpi"


def test_the_footer_is_a_setting(tmp_path):
    """C-48."""
    config = read(tmp_path, CHENGPI_FOOTER_HOST="某市科协", CHENGPI_FOOTER_HOST_EN="The city's association")
    assert config.footer["host"].en == "The city's association"
    assert set(config.footer) == {"host"}


def test_a_broker_takes_the_work_away_from_the_web_process(tmp_path):
    assert read(tmp_path).embedded_worker
    config = read(tmp_path, CHENGPI_BROKER="redis://:secret@127.0.0.1/1", CHENGPI_BROKER_QUEUE="office")
    assert (config.broker.queue, config.embedded_worker) == ("office", False)
    assert "secret" not in repr(config.broker)
    assert read(tmp_path, CHENGPI_BROKER="amqp://127.0.0.1//", CHENGPI_EMBEDDED_WORKER="1").embedded_worker
    with pytest.raises(Misconfigured):
        read(tmp_path, CHENGPI_BROKER="http://127.0.0.1/")


def test_mail_text_messages_and_inner_networks_are_settings(tmp_path):
    plain = read(tmp_path).notices()
    assert (plain.mail, plain.sms.file, plain.internal) == (None, tmp_path / "sms.jsonl", ())
    config = read(
        tmp_path,
        CHENGPI_SMTP_URL="smtps://user:secret@mail.example",
        CHENGPI_MAIL_FROM="呈批 <noreply@chengpi.example>",
        CHENGPI_WEBHOOK_INTERNAL="10.1.0.0/16, fd00::/8",
    )
    assert config.notices().mail.target == "mail.example"
    assert "secret" not in repr(config.mail)
    assert [str(network) for network in config.internal] == ["10.1.0.0/16", "fd00::/8"]


@pytest.mark.parametrize(
    "given",
    [
        {"CHENGPI_SMTP_URL": "smtp://mail.example"},
        {"CHENGPI_SMTP_URL": "mail.example", "CHENGPI_MAIL_FROM": "a@example.org"},
        {"CHENGPI_WEBHOOK_INTERNAL": "10.1.0.1/16"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused_at_the_start(tmp_path, given):
    with pytest.raises(Misconfigured):
        read(tmp_path, **given)
