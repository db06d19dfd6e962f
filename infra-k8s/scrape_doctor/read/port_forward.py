"""HTTP GETs to a pod's port, over a port-forward on 127.0.0.1."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import httpx
import kr8s
from kr8s.asyncio import Api
from kr8s.asyncio.objects import Pod
from kr8s.asyncio.portforward import PortForward

from scrape_doctor.resources.objects import Object
from scrape_doctor.snapshot import HttpAnswer

FORWARD_ERRORS = (kr8s.ServerError, kr8s.ConnectionClosedError, OSError, ExceptionGroup)
ANSWER_SECONDS = 5.0
PORT_ATTEMPTS = 10


@asynccontextmanager
async def http_client(api: Api, pod: Object, port: int, scheme: str = "http") -> AsyncIterator[httpx.AsyncClient]:
    """Open an HTTP client whose base is a pod's port.

    Raises:
        FORWARD_ERRORS: if the port cannot be forwarded.
    """
    async with AsyncExitStack() as stack:
        base = f"{scheme.lower()}://127.0.0.1:{await _forward(stack, Pod(pod, api=api), port)}"
        # As the kubelet does, a probe's certificate is not checked.
        yield await stack.enter_async_context(
            httpx.AsyncClient(base_url=base, timeout=ANSWER_SECONDS, verify=False, trust_env=False)
        )


async def _forward(stack: AsyncExitStack, pod: Pod, port: int) -> int:
    """Open a port-forward and return its local port; another port is tried where one is taken by then."""
    for _ in range(PORT_ATTEMPTS - 1):
        with suppress(OSError):
            return await stack.enter_async_context(PortForward(pod, remote_port=port, local_port="auto"))
    return await stack.enter_async_context(PortForward(pod, remote_port=port, local_port="auto"))


async def get(client: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None) -> HttpAnswer:
    """Return the answer on one path."""
    try:
        response = await client.get(path, headers=headers)
    except httpx.TimeoutException:
        return HttpAnswer(0, f"timeout: no answer within {ANSWER_SECONDS:.0f} s")
    except httpx.HTTPError as error:
        return HttpAnswer(0, f"connection refused or cut: {type(error).__name__}")
    return HttpAnswer(response.status_code, response.reason_phrase)
