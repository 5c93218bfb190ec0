"""The words of Tin3C as frozen typed records, the pure rules on them, and the ports between the parts.

Nothing here does input or output, and nothing reads a clock: every "now" is passed in.
All times are aware datetimes in UTC; they are shown in Asia/Ho_Chi_Minh (`records.calendar`).
"""
