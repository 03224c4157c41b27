"""`check` and `audit` as processes, where AWS, the network or the terminal is not as it should be."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from processes import WITH_CTRL_C

TOP = Path(__file__).parents[2]
DOMAIN = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}
CHECK = ("check", "acme-media", "--system-domain-id", DOMAIN)
AUDIT = ("audit", "--system-domain-id", DOMAIN)


def error(code):
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error><Code>{code}</Code></ErrorResponse>"


@pytest.fixture
def endpoint():
    """An endpoint that answers every call alike: `endpoint.answer` is the status, the body, and the seconds."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self):
            server.asked.set()
            status, body, seconds = server.answer
            time.sleep(seconds)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = do_HEAD = _answer  # noqa: N815 - the names of http.server

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.answer = (403, error("AccessDenied"), 0)
    server.asked = threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def closed_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def environment(tmp_path, **more):
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(TOP),
        "HOME": str(tmp_path),
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }


def run(tmp_path, *arguments, **more):
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "iconik_construct", *arguments],
        env=environment(tmp_path, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # without a terminal
    )
    assert "Traceback" not in done.stderr
    return done


def assert_one_line(done, text):
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1
    assert text in done.stderr


@pytest.mark.parametrize("command", [CHECK, AUDIT])
def test_without_credentials_one_line_says_what_to_do(tmp_path, command):
    assert_one_line(run(tmp_path, *command), "no AWS credentials that work: none were found. Sign in (aws sso login")


def test_an_expired_token_is_one_line(tmp_path, endpoint):
    endpoint.answer = (403, error("ExpiredToken"), 0)

    assert_one_line(run(tmp_path, *CHECK, "--endpoint-url", endpoint.url, **KEYS), "ExpiredToken")


@pytest.mark.parametrize("kind", ["an endpoint that is down", "a proxy that is down", "an endpoint that is silent"])
def test_what_does_not_answer_is_one_line_within_ten_seconds(tmp_path, endpoint, kind):
    endpoint.answer = (200, "", 60)
    more = {
        "an endpoint that is down": (("--endpoint-url", f"http://127.0.0.1:{closed_port()}"), {}),
        "a proxy that is down": ((), {"HTTPS_PROXY": f"http://127.0.0.1:{closed_port()}"}),
        "an endpoint that is silent": (("--endpoint-url", endpoint.url), {}),
    }[kind]
    begun = time.monotonic()

    done = run(tmp_path, *CHECK, *more[0], **KEYS, **more[1])

    assert time.monotonic() - begun < 10
    assert_one_line(done, "AWS did not answer: ")
    assert "Check the network, the proxy (HTTPS_PROXY), the region and --endpoint-url" in done.stderr


def test_an_answer_that_is_no_xml_is_one_line(tmp_path, endpoint):
    endpoint.answer = (200, "<html>Sign in to the hotel's network", 0)

    assert_one_line(run(tmp_path, *CHECK, "--endpoint-url", endpoint.url, **KEYS), "AWS did not answer: ")


def test_a_profile_that_asks_for_a_code_without_a_terminal_is_one_line(tmp_path):
    config = tmp_path / "config"
    config.write_text(
        "[profile mfa]\nrole_arn=arn:aws:iam::123456789012:role/R\nsource_profile=base\n"
        "mfa_serial=arn:aws:iam::123456789012:mfa/u\n[profile base]\naws_access_key_id=A\naws_secret_access_key=s\n"
    )

    done = run(tmp_path, *CHECK, "--profile", "mfa", AWS_CONFIG_FILE=str(config))

    assert_one_line(done, "the profile asks for an MFA code, and there is no terminal")


def test_a_reader_that_stops_after_one_line_causes_no_traceback(tmp_path, endpoint):
    command = [sys.executable, "-m", "iconik_construct", *CHECK, "--endpoint-url", endpoint.url]
    with subprocess.Popen(  # noqa: S603
        command, env=environment(tmp_path, **KEYS), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        told = process.stderr.read()
        code = process.wait()

    assert told == ""
    assert code == 141


def test_an_interrupted_command_says_so_in_a_line(tmp_path, endpoint):
    endpoint.answer = (403, error("AccessDenied"), 1)
    program = f"{WITH_CTRL_C}import runpy; runpy.run_module('iconik_construct', run_name='__main__', alter_sys=True)"
    command = [sys.executable, "-c", program, *CHECK, "--endpoint-url", endpoint.url]
    with subprocess.Popen(  # noqa: S603
        command, env=environment(tmp_path, **KEYS), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert endpoint.asked.wait(60)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate()

    assert (process.returncode, told) == (130, "\niconik-construct: interrupted.\n")


def test_a_prefix_that_the_terminal_cannot_show_is_escaped(tmp_path, endpoint):
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    done = run(tmp_path, *CHECK, "--prefix", "é/", "--fix", "--endpoint-url", endpoint.url, **KEYS, **locale)

    assert done.returncode in {1, 2}
    assert (done.stdout + done.stderr).isascii()


def test_options_are_written_in_full(tmp_path):
    done = run(tmp_path, "check", "acme-media", "--system-domain", DOMAIN)

    assert done.returncode == 2
    assert "unrecognized arguments" in done.stderr
