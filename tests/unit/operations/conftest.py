from tests.support.telemetry import capture, configured, turned_on

__all__ = ["capture", "configured", "turned_on"]
