"""The Model Context Protocol's own client, against a running server: both of its handshakes."""

import json
import urllib.error
import urllib.request
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from tests.support.loops import open_loop

TOOLS = [
    "add_memory",
    "search_memories",
    "list_memories",
    "get_memory",
    "delete_memory",
    "delete_all_memories",
]


class Agent:
    """Opens a connection for each call, as a server without sessions allows."""

    def __init__(self, url, key, mode):
        self.url, self.key, self.mode = f"{url}/mcp", key, mode

    @asynccontextmanager
    async def connect(self):
        headers = {"Authorization": f"Bearer {self.key}"}
        async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
            transport = streamable_http_client(self.url, http_client=http)
            async with Client(transport, mode=self.mode) as client:
                yield client

    def ask(self, method, *args):
        async def ask():
            async with self.connect() as client:
                return await getattr(client, method)(*args)

        with open_loop() as loop:
            return loop.run(ask())

    def call(self, tool, **given):
        answer = self.ask("call_tool", tool, given)
        assert not answer.is_error, answer.content
        assert json.loads(answer.content[0].text) == answer.structured_content
        return answer.structured_content

    def refused(self, tool, **given):
        answer = self.ask("call_tool", tool, given)
        assert answer.is_error
        return answer.content[0].text


@pytest.fixture(params=["legacy", "auto"])
def agent(request, server):
    return Agent(server.url, server.key, request.param)


def test_the_tools_are_told(agent):
    tools = agent.ask("list_tools").tools

    assert [tool.name for tool in tools] == TOOLS
    assert all(tool.description and "user_id" in tool.input_schema["required"] for tool in tools)
    assert [tool.annotations.destructive_hint for tool in tools] == [False] * 4 + [True] * 2


def test_memories_live_and_die(agent, person):
    [made] = agent.call("add_memory", text="I drink tea.", user_id=person)["results"]
    agent.call("add_memory", text="Our dog is called Biscuit.", user_id=person)
    one = {"memory_id": made["id"], "user_id": person}

    hits = agent.call("search_memories", query="tea", user_id=person, top_k=1)["results"]
    assert [hit["memory"] for hit in hits] == ["I drink tea."]
    assert agent.call("list_memories", user_id=person)["count"] == 2
    assert agent.call("get_memory", **one)["memory"] == "I drink tea."
    agent.call("delete_memory", **one)
    assert agent.refused("get_memory", **one) == "Memory not found!"
    agent.call("delete_all_memories", user_id=person)
    assert agent.call("list_memories", user_id=person)["count"] == 0


def test_another_users_memory_is_not_there(agent, person):
    [made] = agent.call("add_memory", text="I drink tea.", user_id=person)["results"]
    one = {"memory_id": made["id"], "user_id": f"{person} two"}

    assert agent.refused("get_memory", **one) == "Memory not found!"
    assert agent.refused("delete_memory", **one) == "Memory not found!"
    agent.call("delete_all_memories", user_id=f"{person} two")
    assert agent.call("list_memories", user_id=person)["count"] == 1


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("delete_all_memories", {"user_id": "*"}),
        ("delete_all_memories", {"user_id": ""}),
        ("list_memories", {"user_id": "*"}),
        ("search_memories", {"user_id": "*", "query": "tea"}),
        ("search_memories", {"user_id": "ada"}),
        ("add_memory", {"user_id": "ada", "text": ""}),
        ("add_memory", {"user_id": "ada", "text": "x", "metadata": "x"}),
        ("add_memory", {"user_id": "ada", "text": "x", "colour": "red"}),
        ("get_memory", {"user_id": "ada", "memory_id": "x"}),
        ("list_memories", {"user_id": "ada", "page": 0}),
        ("nonsense", {"user_id": "ada"}),
    ],
)
def test_a_call_that_is_not_understood_is_refused(server, tool, given):
    assert Agent(server.url, server.key, "auto").refused(tool, **given)


def test_tools_take_the_scopes_of_the_key(server, person):
    reader = Agent(server.url, server.make_key("read"), "auto")

    assert reader.call("list_memories", user_id=person)["count"] == 0
    for tool, given in (
        ("add_memory", {"text": "x"}),
        ("delete_all_memories", {}),
    ):
        assert "scope" in reader.refused(tool, user_id=person, **given)


def send(server, method, body=b"{}", **headers):
    call = urllib.request.Request(f"{server.url}/mcp", body, headers, method=method)
    try:
        with urllib.request.urlopen(call, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code


def test_it_opens_to_keys_only(server):
    assert send(server, "POST") == 401
    assert send(server, "POST", Authorization="Bearer mhk_wrong") == 401


@pytest.mark.parametrize(
    ("method", "body"),
    [("GET", None), ("DELETE", None), ("POST", b"tea"), ("POST", b"[]"), ("POST", b'{"a": 1}')],
)
def test_what_is_no_message_is_refused(server, method, body):
    headers = {
        "Authorization": f"Bearer {server.key}",
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
    }

    assert send(server, method, body, **headers) in {400, 405}
