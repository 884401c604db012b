"""Asks the web process of this machine whether it lives: `python -m lms.probe`, for containers. No Django."""

import http.client
import os
import sys
from urllib.parse import urlsplit


def answers(port: int, host: str = "localhost", path: str = "/healthz") -> bool:
    """True when the process at `port` says 200 to a request that names `host`, the site's own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    host = urlsplit(os.environ.get("WAYMARK_SITE_URL", "")).hostname or "localhost"
    return 0 if answers(int(os.environ.get("WAYMARK_PORT", "8000")), host) else 1


if __name__ == "__main__":
    sys.exit(main())
