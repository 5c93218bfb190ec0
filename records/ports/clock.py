"""Who tells the time: an aware moment in UTC."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
