"""Subscriptions, matches and what keeps them from working: the port ``AlertStore``, with the outbox."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from pipeline.errors import NotFoundError
from pipeline.models import Delivery, Match, Problem, Stage, Subscription
from pipeline.store.alerts import rows
from pipeline.store.alerts.outbox import SqlOutbox, replan
from pipeline.store.db import tables as t
from pipeline.store.db.epoch import to_epoch_us
from pipeline.store.db.json_codec import dump_strings
from pipeline.store.db.statements import chunks, insert_new
from pipeline.store.queue.tasks import close_tasks
from pipeline.store.stories.load import canonical_lineages

_s, _m, _d, _p = t.subscriptions.c, t.matches.c, t.deliveries.c, t.problems.c


class SqlAlertStore(SqlOutbox):
    """See ``pipeline.ports.AlertStore``."""

    # ----------------------------------------------------------------------- subscriptions

    def subscribe(self, subscription: Subscription) -> int:
        """Save a new subscription (its ``id`` is ignored) and return its id."""
        row = {
            **rows.subscription_row(subscription),
            "created_at": to_epoch_us(subscription.created_at),
            "stopped": dump_strings(subscription.stopped),
        }
        statement = insert(t.subscriptions).values(**row).returning(_s.id)

        def work(connection: Connection) -> int:
            if subscription.declared is not None:
                same = select(_s.id).where(_s.declared == subscription.declared)
                there: int | None = connection.execute(same).scalar_one_or_none()
                if there is not None:  # another process has just applied the same file
                    return there
            made: int = connection.execute(statement).scalar_one()
            return made

        return self._database.write(work)

    def change(self, subscription: Subscription, due_at: datetime | None = None) -> None:
        """Save what has been chosen anew for the subscription of this id. due_at: when news that waits is due now.

        Its query counts as new: a problem with the old one is over. Raises NotFoundError.
        """
        statement = (
            update(t.subscriptions).where(_s.id == subscription.id).values(**rows.subscription_row(subscription))
        )

        def work(connection: Connection) -> None:
            before = connection.execute(select(_s.query).where(_s.id == subscription.id)).one_or_none()
            if before is None:
                raise _unknown(subscription.id)
            connection.execute(statement)
            if due_at is not None:
                replan(connection, subscription.id, due_at)
            if before.query != subscription.query:
                over = update(t.problems).where(_p.subscription_id == subscription.id, _p.until.is_(None))
                connection.execute(over.where(_p.channel.is_(None)).values(until=_p.since))

        self._database.write(work)

    def stop(self, subscription_id: int, channel: str) -> Subscription:
        """A channel's reader has unsubscribed: nothing goes there again. Without a channel left it has ended."""

        def work(connection: Connection) -> Subscription:
            held = connection.execute(select(t.subscriptions).where(_s.id == subscription_id)).one_or_none()
            if held is None:
                raise _unknown(subscription_id)
            now = rows.subscription(held)
            left = tuple(one for one in now.channels if one != channel)
            stopped = dump_strings(tuple(dict.fromkeys((*now.stopped, channel))))
            values = {"stopped": stopped, "channels": dump_strings(left), "ended": now.ended or not left}
            changed = update(t.subscriptions).where(_s.id == subscription_id).values(**values)
            return rows.subscription(connection.execute(changed.returning(t.subscriptions)).one())

        return self._database.write(work)

    def unsubscribe(self, subscription_id: int) -> None:
        """End a subscription. Raises NotFoundError."""
        statement = update(t.subscriptions).where(_s.id == subscription_id, ~_s.ended).values(ended=True)
        ended = self._database.write(lambda connection: connection.execute(statement.returning(_s.id)).first())
        if ended is None:
            raise _unknown(subscription_id)

    def subscriptions(self) -> list[Subscription]:
        """Active and paused subscriptions, oldest first."""
        return self._subscriptions(~_s.ended)

    def subscription(self, subscription_id: int) -> Subscription:
        """One subscription, also one that has ended. Raises NotFoundError."""
        found = self._subscriptions(_s.id == subscription_id)
        if not found:
            raise _unknown(subscription_id)
        return found[0]

    def followed_in(self, threads: Collection[int]) -> dict[int, list[int]]:
        """Thread -> the lineages in it that subscriptions follow; threads without any are absent."""
        own = t.lineages.c
        found: dict[int, list[int]] = {}
        with self._database.reading() as connection:
            for some in chunks(sorted(threads)):
                followed = select(own.thread, own.id).join_from(t.lineages, t.subscriptions, _s.follow == own.id)
                for thread, lineage in connection.execute(
                    followed.where(own.thread.in_(some), ~_s.ended).distinct().order_by(own.id)
                ):
                    found.setdefault(thread, []).append(lineage)
        return found

    def declared(self) -> dict[str, Subscription]:
        """Those that were ever declared in a file, by their key; ended ones too."""
        return {one.declared: one for one in self._subscriptions(_s.declared.is_not(None)) if one.declared is not None}

    def _subscriptions(self, which: ColumnElement[bool]) -> list[Subscription]:
        with self._database.reading() as connection:
            found = connection.execute(select(t.subscriptions).where(which).order_by(_s.id)).all()
            whole = canonical_lineages(connection, {row.follow for row in found if row.follow is not None})
        made = (rows.subscription(row) for row in found)
        return [one if one.follow not in whole else replace(one, follow=whole[one.follow]) for one in made]

    # ----------------------------------------------------------------------- matches

    def sent_to(self, lineages: Sequence[int]) -> dict[int, list[Match]]:
        """Lineage -> the matches of subscriptions that were sent it, or will be by what is in the outbox."""
        told = (
            select(_d.id)
            .where(_d.subscription_id == _m.subscription_id, _d.lineage == _m.lineage, ~_d.parked)
            .exists()
        )  # fmt: skip
        found: dict[int, list[Match]] = {}
        with self._database.reading() as connection:
            whole = canonical_lineages(connection, lineages)
            for some in chunks({whole.get(lineage, lineage) for lineage in lineages}):
                for row in connection.execute(select(t.matches).where(_m.lineage.in_(some), told).order_by(_m.id)):
                    found.setdefault(row.lineage, []).append(rows.match(row))
        return {lineage: found[one] for lineage in lineages if (one := whole.get(lineage, lineage)) in found}

    def matched(self, lineages: Sequence[int]) -> dict[int, set[int]]:
        """Lineage -> subscriptions that have matched it or a copy of it."""
        own, other = t.lineages.alias("own"), t.lineages.alias("other")
        copies = (
            select(own.c.id, _m.subscription_id)
            .select_from(
                own.join(other, and_(other.c.copy_group == own.c.copy_group)).join(t.matches, _m.lineage == other.c.id)
            )
        )  # fmt: skip
        found: dict[int, set[int]] = {}
        with self._database.reading() as connection:
            whole = canonical_lineages(connection, lineages)
            for some in chunks({whole.get(lineage, lineage) for lineage in lineages}):
                direct = select(_m.lineage, _m.subscription_id).where(_m.lineage.in_(some))
                for lineage, subscription in connection.execute(direct.union(copies.where(own.c.id.in_(some)))):
                    found.setdefault(lineage, set()).add(subscription)
        return {lineage: found[one] for lineage in lineages if (one := whole.get(lineage, lineage)) in found}

    def record_alerted(
        self, version_ids: Sequence[int], matches: Sequence[Match], deliveries: Sequence[Delivery]
    ) -> None:
        """Save matches and deliveries (their ``id`` ignored; existing ones kept) and close ALERT: one transaction."""

        def work(connection: Connection) -> None:
            whole = canonical_lineages(
                connection, [*(match.lineage for match in matches), *(delivery.lineage for delivery in deliveries)]
            )
            insert_new(connection, t.matches, [rows.match_row(match, whole) for match in matches])
            insert_new(connection, t.deliveries, [rows.delivery_row(delivery, whole) for delivery in deliveries])
            close_tasks(connection, Stage.ALERT, version_ids)

        self._database.write(work)

    def matches(self, subscription_id: int | None = None, limit: int = 50) -> list[Match]:
        """Latest matches, newest first."""
        statement = select(t.matches).order_by(_m.matched_at.desc(), _m.id.desc()).limit(limit)
        if subscription_id is not None:
            statement = statement.where(_m.subscription_id == subscription_id)
        with self._database.reading() as connection:
            return [rows.match(row) for row in connection.execute(statement)]

    def matches_of(self, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Match]:
        """(subscription, lineage) -> its match; pairs without one are absent."""
        wanted = set(pairs)
        found: dict[tuple[int, int], Match] = {}
        with self._database.reading() as connection:
            for some in chunks(sorted({lineage for _, lineage in wanted})):
                for row in connection.execute(select(t.matches).where(_m.lineage.in_(some))):
                    if (row.subscription_id, row.lineage) in wanted:
                        found[row.subscription_id, row.lineage] = rows.match(row)
        return found

    # ----------------------------------------------------------------------- problems

    def begin_problem(self, problem: Problem, notices: Sequence[Delivery]) -> bool:
        """Note a problem (its ``id`` is ignored) and put its notices (``version_id`` ignored) into the outbox, in one
        transaction; False, and nothing is done, if the same one is known already."""

        def work(connection: Connection) -> bool:
            same = and_(_p.subscription_id == problem.subscription_id, _p.until.is_(None), _about(problem.channel))
            if connection.execute(select(_p.id).where(same).limit(1)).first() is not None:
                return False
            row = {
                "subscription_id": problem.subscription_id,
                "channel": problem.channel,
                "reason": problem.reason,
                "since": to_epoch_us(problem.since),
            }
            number: int = connection.execute(insert(t.problems).values(**row).returning(_p.id)).scalar_one()
            made = [rows.delivery_row(one, {}) | {"version_id": number, "key": f"{one.key}{number}"} for one in notices]
            insert_new(connection, t.deliveries, made)
            return True

        return self._database.write(work)

    def end_problem(self, subscription_id: int, channel: str | None, now: datetime) -> None:
        """The query (``channel`` None), or the channel, works again."""
        over = and_(_p.subscription_id == subscription_id, _p.until.is_(None), _about(channel))
        statement = update(t.problems).where(over).values(until=to_epoch_us(now))
        self._database.write(lambda connection: connection.execute(statement) and None)

    def problems(self, ids: Sequence[int] | None = None) -> list[Problem]:
        """Those that last; or these, whether they last or not. Oldest first."""
        which = _p.until.is_(None) if ids is None else _p.id.in_(sorted(ids))
        with self._database.reading() as connection:
            found = connection.execute(select(t.problems).where(which).order_by(_p.id))
            return [rows.problem(row) for row in found]


def _about(channel: str | None) -> ColumnElement[bool]:
    return _p.channel.is_(None) if channel is None else _p.channel == channel


def _unknown(subscription_id: int) -> NotFoundError:
    return NotFoundError(f"there is no subscription {subscription_id}: `wirewatch subscriptions` lists them")
