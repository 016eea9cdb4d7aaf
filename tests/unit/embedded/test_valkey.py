import signal

import redis

from memoryhub.embedded import processes, valkey
from memoryhub.embedded.layout import prepare
from tests.support.processes import wait_until


def test_what_is_queued_survives_a_restart(tmp_path):
    layout = prepare(tmp_path)
    client = redis.Redis(unix_socket_path=str(valkey.socket(layout)))
    server = processes.spawn(valkey.command(layout))
    wait_until(valkey.socket(layout).exists)
    client.rpush("queue", "job")
    assert client.config_get("port") == {"port": "0"}

    server.send_signal(signal.SIGTERM)
    assert server.wait() == 0
    server = processes.spawn(valkey.command(layout))
    wait_until(valkey.socket(layout).exists)

    assert client.lrange("queue", 0, -1) == [b"job"]
    client.close()
    processes.kill_group(server)
