"""Single values as publishers write them, in one spelling.

identity         which uri a story goes by
written_times    times and days
subject_codes    IPTC media topics and subject codes
"""
