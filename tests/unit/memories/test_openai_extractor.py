"""The chat model's extractor against a host that answers well, badly, late, or not at all."""

import json
from datetime import UTC, date, datetime

import pytest

from apps.memories.enums import JobError, Verdict
from apps.memories.extractors import (
    Conversation,
    Dated,
    ExtractorError,
    Said,
    Statement,
    Summary,
)
from apps.memories.extractors import openai as module
from apps.memories.extractors.openai import OpenAIExtractor
from tests.support import chat
from tests.support.chat import statement

SAID_AT = datetime(2026, 5, 4, 10, 20, tzinfo=UTC)
TEA = Conversation(messages=[Said("user", "I drink tea.", "Bo")], said_at=SAID_AT)
PLAIN = Statement("Bo drinks tea.", (0,), confidence=0.9)


@pytest.fixture
def host():
    with chat.chat_host() as host:
        yield host


@pytest.fixture
def make(host):
    made = []

    def make(**fields):
        given = {"model": "tiny", "api_key": "sk-x", "base_url": host.url, "timeout": 5}
        made.append(OpenAIExtractor(**given | {"max_tokens": 500} | fields))
        return made[-1]

    yield make
    for each in made:
        each._client.close()


def refusal(extractor, conversation=TEA):
    with pytest.raises(ExtractorError) as refused:
        extractor.extract(conversation)
    return refused.value


def test_statements_come_with_what_they_are_about(make, host):
    host.script = [
        chat.say(
            statement(
                "Bo moved to Rome on 2026-05-01.",
                2,
                1,
                categories=["travel", "nonsense", "misc"],
                date="2026-05-01",
                confidence=0.75,
                replaces=["k2"],
            ),
            statement("Bo drinks tea.", repeats="k1"),
        )
    ]
    conversation = Conversation(
        messages=[Said("user", "Hi.", "Bo"), Said("user", "I moved to Rome on Friday.", "Bo")],
        said_at=SAID_AT,
        known=["Bo drinks tea.", "Bo lives in Oslo."],
    )

    found = make().extract(conversation)

    assert list(found.statements) == [
        Statement(
            "Bo moved to Rome on 2026-05-01.",
            (1, 0),
            ("travel", "misc"),
            date(2026, 5, 1),
            0.75,
            replaces=(1,),
        ),
        Statement("Bo drinks tea.", (0,), confidence=0.9, repeats=0),
    ]
    assert (found.refused, found.tokens_in, found.tokens_out) == ([], 100, 20)


def test_model_is_asked_for_a_schema_within_limits_and_shown_the_data(make, host):
    conversation = Conversation(
        messages=[Said("user", "I drink tea.", "Bo")],
        before=[Said("assistant", "What do you drink?")],
        said_at=SAID_AT,
        known=["Bo swims."],
        instructions="Mind the zebra.",
        includes="drinks",
        excludes="health",
        categories={"drinks": "what is drunk"},
    )

    make().extract(conversation)

    [request] = host.requests
    rules = request["messages"][0]["content"]
    assert request["model"] == "tiny"
    assert request["response_format"]["json_schema"]["strict"] is True
    assert (request["max_completion_tokens"], request["temperature"]) == (500, 0)
    assert [part in rules for part in ("Mind the zebra.", "about: drinks", "about: health")] == [
        True
    ] * 3
    assert host.shown() == {
        "time": "Monday, 2026-05-04 10:20 UTC",
        "categories": {"drinks": "what is drunk"},
        "known_memories": {"k1": "Bo swims."},
        "earlier_messages": [
            {"speaker": "assistant", "role": "assistant", "text": "What do you drink?"}
        ],
        "new_messages": [{"number": 1, "speaker": "Bo", "role": "user", "text": "I drink tea."}],
    }


@pytest.mark.parametrize(
    "wrap",
    [
        "{}",
        "```json\n{}\n```",
        "```\n{}\n```",
        "Here it is:\n{}\nAnything else?",
        '<think>Maybe {{"statements": [1]}}?</think>{}',
        'An example is {{"a": {{}}}} and {{broken: the answer is {}',
    ],
)
def test_json_is_taken_out_of_what_stands_around_it(make, host, wrap):
    answer = json.dumps({"statements": [statement("Bo drinks tea.")]})
    host.script = [chat.write(wrap.format(answer))]

    assert list(make().extract(TEA).statements) == [PLAIN]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (chat.write(""), JobError.NONSENSE),
        (chat.write("I would rather not."), JobError.NONSENSE),
        (chat.write('{"statements": ['), JobError.NONSENSE),
        (chat.write('{"statements": {"text": "x"}}'), JobError.NONSENSE),
        (chat.write("[" * 100_000), JobError.NONSENSE),
        (chat.write('{"a":' * 5_000), JobError.NONSENSE),
        (chat.write(None, tool_calls=[{"function": {"name": "delete_all"}}]), JobError.NONSENSE),
        (chat.write(None, refusal="No."), JobError.NONSENSE),
        (chat.write('{"statements": []}', finish="length"), JobError.CUT_OFF),
        (chat.say(*[statement("Bo drinks tea.")] * 10_000), JobError.TOO_MANY),
        (chat.send(b"<html>"), JobError.NONSENSE),
        (chat.send(b'{"choices": []}'), JobError.NONSENSE),
        (chat.send(b'{"choices": [7]}'), JobError.NONSENSE),
        (chat.send(b"[]"), JobError.NONSENSE),
        (chat.flood, JobError.CUT_OFF),
        (chat.cut, JobError.UNREACHABLE),
        (chat.hang_up, JobError.UNREACHABLE),
        (chat.fail(500), JobError.HOST_FAILED),
        (chat.fail(503), JobError.HOST_FAILED),
    ],
)
def test_what_may_pass_is_tried_again(make, host, answer, reason):
    host.script = [answer]

    error = refusal(make())

    assert (error.reason, error.is_final, len(host.requests)) == (reason, False, 1)
    assert "tea" not in str(error)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, JobError.KEY_REFUSED),
        (403, JobError.KEY_REFUSED),
        (404, JobError.MODEL_UNKNOWN),
        (400, JobError.REQUEST_REFUSED),
        (422, JobError.REQUEST_REFUSED),
        (413, JobError.REQUEST_REFUSED),
    ],
)
def test_what_will_not_pass_is_final(make, host, status, reason):
    host.otherwise = chat.fail(status)

    error = refusal(make())

    assert (error.reason, error.is_final) == (reason, True)


@pytest.mark.parametrize(
    ("header", "wait"), [("17", 17), ("soon", 0), ("-5", 0), ("nan", 0), ("inf", 0)]
)
def test_host_at_its_limit_says_how_long_to_wait(make, host, header, wait):
    host.script = [chat.fail(429, Retry_After=header)]

    error = refusal(make())

    assert (error.reason, error.is_final, error.wait) == (JobError.BUSY, False, wait)


@pytest.mark.parametrize("answer", [chat.late(3, chat.say()), chat.drip], ids=["late", "drip"])
def test_slow_host_is_not_waited_for(make, host, answer):
    host.script = [answer]

    assert refusal(make(timeout=1)).reason == JobError.TIMED_OUT


def test_host_that_is_not_there_is_unreachable(make):
    assert refusal(make(base_url="http://127.0.0.1:9/v1")).reason == JobError.UNREACHABLE


def test_host_without_schemas_is_asked_in_plainer_dialects_from_then_on(make, host):
    host.script = [chat.fail(400), chat.fail(400), chat.fail(422)]
    extractor = make()

    extractor.extract(TEA)
    extractor.extract(TEA)

    asked = [
        (request.get("response_format", {}).get("type"), "max_tokens" in request)
        for request in host.requests
    ]
    assert asked == [
        ("json_schema", False),
        ("json_schema", False),
        ("json_object", True),
        (None, True),
        (None, True),
    ]


@pytest.mark.parametrize("usage", [None, ("x", -3), (10**12, True)])
def test_cost_that_the_host_does_not_say_is_guessed(make, host, usage):
    host.script = [chat.write('{"statements": []}', usage=usage)]

    found = make().extract(TEA)

    assert (found.tokens_in, found.tokens_out) == (0, len('{"statements": []}') // 4)


def test_nonsense_costs_what_it_costs(make, host):
    host.script = [chat.write("nonsense", usage=(70, 30))]

    assert refusal(make()).tokens == (70, 30)


KNOWN = Conversation(
    messages=[Said("user", "I drink tea.")],
    said_at=SAID_AT,
    known=[f"Memory {n}." for n in range(8)],
)


@pytest.mark.parametrize(
    ("item", "verdict"),
    [
        (7, Verdict.MALFORMED),
        ("Bo drinks tea.", Verdict.MALFORMED),
        ({}, Verdict.MALFORMED),
        (statement(""), Verdict.MALFORMED),
        (statement(None), Verdict.MALFORMED),
        (statement("a\0b"), Verdict.MALFORMED),
        (statement("\ud800"), Verdict.MALFORMED),
        (statement("x" * 1_001), Verdict.TOO_LONG),
        (statement("Tea.", 0), Verdict.UNKNOWN_MESSAGE),
        (statement("Tea.", 2), Verdict.UNKNOWN_MESSAGE),
        (statement("Tea.", True), Verdict.UNKNOWN_MESSAGE),
        (statement("Tea.") | {"messages": "1"}, Verdict.UNKNOWN_MESSAGE),
        (statement("Tea.") | {"messages": []}, Verdict.UNKNOWN_MESSAGE),
    ],
)
def test_statement_that_does_not_hold_up_is_refused(make, host, item, verdict):
    host.script = [chat.say(item, statement("Bo drinks tea."))]

    found = make().extract(KNOWN)

    assert (list(found.statements), found.refused) == ([PLAIN], [verdict])


@pytest.mark.parametrize(
    ("more", "replaces", "repeats", "doubt"),
    [
        ({"replaces": ["k1", "k8", "k1"]}, (0, 7), None, None),
        ({"replaces": ["k9"]}, (), None, Verdict.UNKNOWN_MEMORY),
        (
            {"replaces": ["k1", "01a1ff0d-add3-70ab-b0a7-5c3fda27280d"]},
            (0,),
            None,
            Verdict.UNKNOWN_MEMORY,
        ),
        ({"replaces": [f"k{n}" for n in range(1, 9)]}, (), None, Verdict.TOO_MUCH),
        ({"replaces": "all"}, (), None, None),
        ({"replaces": [1, None, {}]}, (), None, Verdict.UNKNOWN_MEMORY),
        ({"repeats": "k3"}, (), 2, None),
        ({"repeats": "k77"}, (), None, Verdict.UNKNOWN_MEMORY),
        ({"repeats": ["k1"]}, (), None, Verdict.UNKNOWN_MEMORY),
    ],
)
def test_only_memories_that_were_shown_can_be_named(make, host, more, replaces, repeats, doubt):
    host.script = [chat.say(statement("Tea.", **more))]

    [found] = make().extract(KNOWN).statements

    assert (found.replaces, found.repeats, found.doubt) == (replaces, repeats, doubt)


@pytest.mark.parametrize(
    ("more", "day", "confidence"),
    [
        ({"date": "2026-02-30"}, None, 0.9),
        ({"date": 20260504}, None, 0.9),
        ({"confidence": 7}, None, 0.5),
        ({"confidence": "high"}, None, 0.5),
        ({"confidence": True}, None, 0.5),
        ({"date": "2026-05-04", "confidence": 1}, date(2026, 5, 4), 1.0),
        (
            {"user_id": "eve", "tenant": "x", "expires_on": "2000-01-01", "is_immutable": True},
            None,
            0.9,
        ),
    ],
)
def test_other_values_are_taken_if_they_are_what_they_should_be(make, host, more, day, confidence):
    host.script = [chat.say(statement("Tea.", **more))]

    assert list(make().extract(TEA).statements) == [
        Statement("Tea.", (0,), day=day, confidence=confidence)
    ]


def test_answer_of_many_bytes_is_not_read_to_its_end(make, host, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    host.script = [chat.say(*[statement("Tea.")] * 5)]

    assert refusal(make()).reason == JobError.CUT_OFF


def test_a_summary_is_the_text_without_thoughts_and_not_too_much_of_it(make, host):
    host.script = [
        chat.write("<think>Who is it?</think>\nBo drinks tea.\n", usage=(90, 7)),
        chat.write("x" * 9_000),
        chat.fail(400),
        chat.write("In another dialect."),
        chat.write(" \n"),
        chat.write("a\0b"),
        chat.write(None),
        chat.write("Bo dri", finish="length"),
    ]
    extractor, memories = make(), [Dated(date(2026, 5, 4), "I drink tea.")]

    assert extractor.summarize(memories) == Summary("Bo drinks tea.", (90, 7))
    assert extractor.summarize(memories).text == "x" * 8_000
    assert extractor.summarize(memories).text == "In another dialect."
    for reason in (*[JobError.NONSENSE] * 3, JobError.CUT_OFF):
        with pytest.raises(ExtractorError) as refused:
            extractor.summarize(memories)
        assert (refused.value.reason, refused.value.tokens) == (reason, (100, 20))
    assert "temperature" in host.requests[0]
    assert "temperature" not in host.requests[-1]
    extractor.extract(TEA)
    assert host.requests[-1]["response_format"]["type"] == "json_schema"
