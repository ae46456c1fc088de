"""Answers GET /tea+cake with the price of both."""

from http.server import BaseHTTPRequestHandler, HTTPServer

from app.prices import total


class Shop(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self):
        """Answer with a price, or 404."""
        try:
            code, text = 200, f"{total(self.path.strip('/').split('+'))}\n"
        except KeyError as error:
            code, text = 404, f"no {error}\n"
        self.send_response(code)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """Be quiet."""


if __name__ == "__main__":
    HTTPServer(("", 8000), Shop).serve_forever()
