"""The server, asked over HTTP."""

import threading
from http.server import HTTPServer
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from app.server import Shop


@pytest.fixture
def address():
    server = HTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_server_answers_with_a_price(address):
    with urlopen(f"{address}/tea") as answer:
        assert int(answer.read()) > 300


def test_what_is_not_sold_is_not_found(address):
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{address}/coffee")
