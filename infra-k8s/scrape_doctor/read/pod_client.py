"""HTTP GETs to a pod's port: through the API server's proxy, by a port-forward where that fails or is refused."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import httpx
import kr8s
from kr8s.asyncio import Api
from kr8s.asyncio.objects import Pod
from kr8s.asyncio.portforward import PortForward

from scrape_doctor.errors import CannotExamine
from scrape_doctor.read import rights
from scrape_doctor.read.api import CORE, message
from scrape_doctor.resources.objects import Object, name, namespace
from scrape_doctor.snapshot import HttpAnswer

FORWARD_ERRORS = (kr8s.ServerError, kr8s.ConnectionClosedError, OSError, ExceptionGroup)
ANSWER_SECONDS = 5.0
PORT_ATTEMPTS = 10
OUR_OWN = {"host", "accept", "accept-encoding", "connection", "user-agent"}  # headers that the client itself sets
CODING = {"content-encoding", "content-length", "transfer-encoding"}  # what was true of the answer before it was read


class Denied(httpx.TransportError):
    """We may reach the pod in no way; the message is what we would have to be allowed."""


@asynccontextmanager
async def http_client(
    api: Api,
    pod: Object,
    port: int,
    scheme: str = "http",
    services: Sequence[str] = (),
    seconds: float = ANSWER_SECONDS,
) -> AsyncIterator[httpx.AsyncClient]:
    """Open an HTTP client whose base is a pod's port; `services` are those that lead to this pod or to its like.

    Its requests raise FORWARD_ERRORS or httpx.HTTPError, of these Denied if we may reach the pod in no way.
    """
    async with AsyncExitStack() as stack:
        transport = PodTransport(api, stack, pod, port, scheme.lower(), services, seconds)
        yield await stack.enter_async_context(
            httpx.AsyncClient(base_url="http://pod", transport=transport, trust_env=False)
        )


class PodTransport(httpx.AsyncBaseTransport):
    """Sends requests to a pod in the first way that works, and keeps to it."""

    def __init__(
        self,
        api: Api,
        stack: AsyncExitStack,
        pod: Object,
        port: int,
        scheme: str,
        services: Sequence[str],
        seconds: float,
    ) -> None:
        self.api, self.stack, self.pod, self.port = api, stack, pod, port
        self.scheme, self.seconds = scheme, seconds
        places = [f"pods/{scheme}:{name(pod)}"] if "status" in pod else []
        places += [f"services/{scheme}:{service}" for service in services]
        self.proxies = [f"{place}:{port}/proxy" for place in places]
        self.forwarded: httpx.AsyncClient | None = None
        self.works = False  # whether a proxy has led to the pod
        self.failure: httpx.TransportError | None = None  # why one did not, where we were allowed to use it

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            Denied: if we may reach the pod in no way.
            httpx.HTTPError, FORWARD_ERRORS: if it does not answer.
        """
        # A header of the probe's own would take the place of ours, by which the API server knows us.
        while self.forwarded is None and self.proxies and "authorization" not in request.headers:
            if (answer := await self._proxied(self.proxies[0], request)) is not None:
                self.works = True
                return answer
            self.proxies.pop(0)
        if self.forwarded is None:
            self.forwarded = await self._forward()
        answer = await self.forwarded.request(request.method, request.url.raw_path.decode(), headers=own(request))
        return copied(answer)

    async def _proxied(self, proxy: str, request: httpx.Request) -> httpx.Response | None:
        """Return the answer through the API server; None where that refuses or does not reach the pod.

        Raises:
            CannotExamine: if the API server itself cannot be reached any more.
            httpx.ReadTimeout: if a pod that this way has led to does not answer in time.
        """
        try:
            return await self._asked(proxy, request)
        except (httpx.TimeoutException, kr8s.APITimeoutError) as error:  # kr8s turns the first into the second
            timeout = httpx.ReadTimeout(f"no answer within {self.seconds:g} s", request=request)
            if self.works:
                raise timeout from error  # the path is slow, not the way to it
            self.failure = timeout
            return None
        except httpx.TransportError as error:
            raise CannotExamine(f"the cluster cannot be reached: {error or type(error).__name__}") from error

    async def _asked(self, proxy: str, request: httpx.Request) -> httpx.Response | None:
        url = f"{proxy}{request.url.raw_path.decode()}"
        async with self.api.call_api(
            "GET",
            version=CORE,
            namespace=namespace(self.pod),
            url=url,
            raise_for_status=False,
            headers=own(request),
            timeout=self.seconds,
        ) as answer:
            if not is_of_api_server(answer):
                return copied(answer)
            if answer.status_code != 403:
                self.failure = httpx.ConnectError(message(answer))
            return None

    async def _forward(self) -> httpx.AsyncClient:
        """Open a port-forward and return a client of its local port; a probe's certificate is not checked.

        Raises:
            Denied: if we may not, and no proxy has told why it does not reach the pod.
            httpx.TransportError: if one has.
        """
        place = namespace(self.pod)
        if "status" not in self.pod:
            raise Denied(f"list pods, or get services/proxy, in namespace {place}")
        if not await rights.may_forward(self.api, place):
            if self.failure is not None:
                raise self.failure
            raise Denied(f"get pods/proxy, or create pods/portforward, in namespace {place}")
        base = f"{self.scheme}://127.0.0.1:{await _local_port(self.stack, Pod(self.pod, api=self.api), self.port)}"
        return await self.stack.enter_async_context(
            httpx.AsyncClient(base_url=base, timeout=self.seconds, verify=False, trust_env=False)
        )


def own(request: httpx.Request) -> dict[str, str]:
    """Return the headers that the caller set."""
    return {key: value for key, value in request.headers.items() if key.lower() not in OUR_OWN}


def copied(answer: httpx.Response) -> httpx.Response:
    """Return an answer that was read elsewhere, for a client to read again."""
    headers = {key: value for key, value in answer.headers.items() if key.lower() not in CODING}
    return httpx.Response(answer.status_code, headers=headers, content=answer.content)


def is_of_api_server(answer: httpx.Response) -> bool:
    """Tell whether the API server answered for itself: it refuses, or does not reach the pod."""
    if not answer.is_error or "json" not in answer.headers.get("content-type", ""):
        return False
    return message(answer) != "" and '"kind":"Status"' in answer.text.replace(" ", "").replace("\n", "")


async def _local_port(stack: AsyncExitStack, pod: Pod, port: int) -> int:
    """Open a port-forward and return its local port; another port is tried where one is taken by then."""
    for _ in range(PORT_ATTEMPTS - 1):
        with suppress(OSError):
            return await stack.enter_async_context(PortForward(pod, remote_port=port, local_port="auto"))
    return await stack.enter_async_context(PortForward(pod, remote_port=port, local_port="auto"))


async def get(client: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None) -> HttpAnswer:
    """Return the answer on one path.

    Raises:
        Denied: if we may not ask.
    """
    try:
        response = await client.get(path, headers=headers)
    except Denied:
        raise
    except httpx.TimeoutException:
        return HttpAnswer(0, f"timeout: no answer within {ANSWER_SECONDS:.0f} s")
    except httpx.HTTPError as error:
        return HttpAnswer(0, f"connection refused or cut: {type(error).__name__}")
    return HttpAnswer(response.status_code, response.reason_phrase)
