import pytest

from memoryhub.embedded.locks import Lock


@pytest.fixture
def lock(tmp_path):
    made = []

    def make() -> Lock:
        made.append(Lock(tmp_path / "lock"))
        return made[-1]

    yield make
    for one in made:
        one.release()


def test_many_share_it(lock):
    assert [lock().try_shared() for _ in range(3)] == [True, True, True]


def test_one_has_it_to_itself(lock):
    assert lock().try_exclusive()

    assert (lock().try_exclusive(), lock().try_shared(), lock().is_free()) == (False, False, False)


def test_sharing_keeps_out_who_wants_it_alone(lock):
    user = lock()
    user.try_shared()
    assert not lock().try_exclusive()

    user.release()

    assert lock().is_free()
    assert lock().try_exclusive()
