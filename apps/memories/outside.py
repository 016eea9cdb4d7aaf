"""Hosts outside of the house, and tenants that forbid them to be given texts."""

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from apps.telemetry.outbound import get_caller
from apps.tenants.queries import forbids_outside_hosts


class OutsideForbidden(Exception):
    """The tenant for which texts were to be sent forbids hosts outside."""

    def __init__(self) -> None:
        super().__init__("This tenant forbids hosts outside for embeddings and extraction.")


def refuse_outside(base_url: str | None) -> None:
    """OutsideForbidden where the host is outside and the tenant at hand forbids those.

    One statement where it is outside; none where it is not, or nobody's texts are sent.
    """
    tenant_id = get_caller()
    if tenant_id and is_outside(base_url) and forbids_outside_hosts(tenant_id):
        raise OutsideForbidden


@lru_cache
def is_outside(base_url: str | None) -> bool:
    """By the address alone: no name is looked up, since what it leads to may change.

    Inside are loopback, private addresses, and names without a point, as of a compose network.
    """
    host = urlsplit(base_url).hostname if base_url else None
    if not host:
        return True
    try:
        return not ip_address(host).is_private
    except ValueError:
        return "." in host
