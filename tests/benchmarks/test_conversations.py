import json

import pytest
from benchmarks.conversations import read_conversations, read_timestamp, turn_ids


@pytest.mark.parametrize(
    ("entries", "ids"),
    [
        (["D1:3"], {"D1:3"}),
        (["D8:6; D9:17"], {"D8:6", "D9:17"}),
        (["D9:1 D4:4 D4:6"], {"D9:1", "D4:4", "D4:6"}),
        (["D:11:26"], {"D11:26"}),
        (["D30:05"], {"D30:5"}),
        (["D1:18", "D", "D1:20"], {"D1:18", "D1:20"}),
        ([], set()),
        ([None, 7], set()),
    ],
)
def test_evidence_is_read_leniently(entries, ids):
    assert turn_ids(entries) == ids


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1:56 pm on 8 May, 2023", 1_683_554_160),
        ("12:09 am on 13 September, 2023", 1_694_563_740),
        ("once upon a time", None),
        (None, None),
    ],
)
def test_session_times_are_read_as_utc(text, expected):
    assert read_timestamp(text) == expected


def test_a_conversation_is_read(tmp_path):
    turns = [
        {"speaker": "Ada", "dia_id": "D1:1", "text": "Hello."},
        {"speaker": "Bob", "dia_id": "D1:2", "text": "Look!", "blip_caption": "a red kite"},
        {"speaker": "Bob", "dia_id": "D1:3", "text": "  "},
    ]
    questions = [
        {"question": "Who?", "evidence": ["D1:2", "D9:9"], "category": 4},
        {"question": "What?", "evidence": ["D1:3"], "category": 1},
        {"question": "Why?", "evidence": [], "category": 3},
        {"question": "How?", "category": 3},
    ]
    conversation = {"session_1": turns, "session_2_date_time": "1:56 pm on 8 May, 2023"}
    file = tmp_path / "data.json"
    file.write_text(json.dumps([{"conversation": conversation, "qa": questions}]))

    [read] = read_conversations(file)

    assert [(turn.id, turn.text) for turn in read.sessions[0].turns] == [
        ("D1:1", "Hello."),
        ("D1:2", "Look! [a red kite]"),
    ]
    assert read.roles() == {"Ada": "user", "Bob": "assistant"}
    assert [(q.text, q.category, q.evidence) for q in read.questions] == [("Who?", "4", {"D1:2"})]
