"""Who may read a take, and from when on: kills, expiry and embargoes."""

from datetime import datetime

from pipeline.models import Status, Story, TakeKind, TakeState


def take_state(story: Story, now: datetime) -> TakeState:
    """Return a take's own state at ``now`` (UTC), before its lineage is considered.

    Its publisher's kill outranks its expiry, and that its embargo. A withheld take without the end of an embargo waits
    for its publisher.
    """
    if story.status is Status.WITHDRAWN or story.take is TakeKind.KILL:
        return TakeState.WITHDRAWN
    if story.expires_at is not None and story.expires_at <= now:
        return TakeState.EXPIRED
    withheld = story.status is Status.WITHHELD if story.embargo_until is None else story.embargo_until > now
    return TakeState.WITHHELD if withheld else TakeState.USABLE


def status_at(story: Story, now: datetime) -> Status:
    """Return whether a take may be read at ``now`` (UTC): a kill and an expiry withdraw it, an embargo withholds it."""
    state = take_state(story, now)
    return Status.WITHDRAWN if state is TakeState.EXPIRED else Status(state.value)
