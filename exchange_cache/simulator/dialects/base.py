"""What every dialect shares: routing by method and path, and the hooks the server calls around
it."""

from __future__ import annotations

from typing import ClassVar

from exchange_cache.simulator.archives import FileHost
from exchange_cache.simulator.venue import Venue, VenueError
from exchange_cache.simulator.wire import ApiError, Request, Response


class Dialect:
    """One exchange's HTTP interface over the venue. Subclasses set `exchange` and `ROUTES`, and
    word the errors."""

    exchange: ClassVar[str] = ""
    ROUTES: ClassVar[dict[str, str]] = {}

    def __init__(self, venue: Venue, *, limit_scale: float = 1.0) -> None:
        self.venue = venue
        self.limit_scale = limit_scale
        self.files = FileHost()

    def handle(self, request: Request) -> Response:
        """Answer a request; ApiError becomes its response, unknown paths become `not_found`."""
        name = self.ROUTES.get(f"{request.method} {request.path}")
        if name is None:
            return self.not_found(request)
        try:
            answer = getattr(self, name)(request)
        except ApiError as refusal:
            return refusal.response
        except VenueError as error:
            return self.bad_request(str(error))
        return answer if isinstance(answer, Response) else Response(body=answer)

    def limit(self, request: Request) -> Response | None:
        """Charge the request to the rate limits; a response refuses it. Called before `handle`."""
        return None

    def finish(self, request: Request, response: Response) -> None:
        """Add what every answer carries, such as used-weight headers. Called after `handle`, also
        for refusals."""

    def not_found(self, request: Request) -> Response:
        return Response(
            status=404,
            body=b"<html><body>Not Found</body></html>",
            headers={"Content-Type": "text/html"},
        )

    def bad_request(self, message: str) -> Response:
        return Response(status=400, body={"error": message})

    def fault(self, kind: str) -> Response | None:
        """The exchange's wording of an injected fault (bad_key, foreign_ip, skew, 429, 418, 503);
        None = the server's plain one."""
        return None
