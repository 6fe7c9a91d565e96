"""The rails of start and completion: agreed date, recheck, determination, the line of idleness."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from landbureau.workdays.rules import add_years
from supervision.supply import rules, words
from supervision.supply.rails.parts import (
    MOST_STOPS,
    Mark,
    Pending,
    Rail,
    Steps,
    Stop,
    days_left,
    early_or_late,
)
from supervision.supply.rules import EXEMPT, DateView, Facts, StageState, Terms, Track, Version, View
from supervision.supply.rules.dates import AMENDED, DERIVED, days_after, days_before


def stage_rail(view: View, stage: DateView, facts: Facts, terms: Terms, steps: Steps) -> Rail:
    proposed = stage.track in steps.proposed
    colour, word = words.stage_words(stage, proposed=proposed)
    name = "开工" if stage.track == Track.START else "竣工"
    stops = _stage_stops(stage, name, facts, terms, proposed, view.on)
    pending = steps.extensions.get(stage.track)
    if pending is not None:
        stops = _with_application(stops, pending)
    if stage.track == Track.START and view.suspended_since:
        if stage.state == StageState.REACHED:
            colour, word = "orange", "已停工"
        stops.append(
            Stop("停工", view.suspended_since, _for_days(view.suspended_since, view.on), Mark.NOW, "orange")
        )
    return Rail(
        stage.track.value,
        name,
        _version(facts, stage, terms),
        tuple(stops[-MOST_STOPS:]),
        colour,
        word,
        _stage_right(stage, view.on),
        _stage_foot(stage, name, view.on),
        late=stage.state in (StageState.RECHECK, StageState.DEFAULT),
        pending=pending.said if pending else "",
    )


def _with_application(stops: list[Stop], pending: Pending) -> list[Stop]:
    """The application at its day; neither the state nor where the rail stands hangs on it."""
    before = [stop for stop in stops if stop.on is not None and stop.on <= pending.on]
    place = stops.index(before[-1]) + 1 if before else 0
    asked = Stop("延期申请", pending.on, pending.word, Mark.PASSED, "orange")
    return [*stops[:place], asked, *stops[place:]]


def _stage_stops(
    stage: DateView, name: str, facts: Facts, terms: Terms, proposed: bool, on: date
) -> list[Stop]:
    goal = Stop(name)
    judged = stage.version if stage.state != StageState.REACHED else _judged(facts, stage, terms)
    if judged is None:
        if stage.state == StageState.REACHED:
            return [Stop(f"约定{name}", None, "未约定", Mark.PASSED), _reached(stage, goal, None)]
        return [Stop(f"约定{name}", None, "日期不明", Mark.NOW, "orange"), goal]
    due_on = judged.due_on
    remind = Stop("提醒", days_before(due_on, terms.remind_days))
    due = Stop(f"约定{name}", due_on)
    check = Stop("次日复核", days_after(due_on, 1))
    if stage.state == StageState.REACHED:
        behind = [remind] if _came(remind, stage.reached_on) else []
        behind = [replace(stop, mark=Mark.PASSED) for stop in (*behind, due)]
        if judged.visited_on and stage.reached_on and judged.visited_on < stage.reached_on:
            behind.append(Stop(f"复核未{name}", judged.visited_on, mark=Mark.PASSED, colour="red"))
        return [*behind, _reached(stage, goal, due_on)]
    if stage.state == StageState.WAITING:
        return [remind, due, check, goal]
    remind = replace(remind, mark=Mark.PASSED)
    if stage.state == StageState.REMINDER:
        return [remind, replace(due, mark=Mark.NOW, colour="blue"), check, goal]
    due = replace(due, mark=Mark.PASSED, colour="red")
    line = _idle_line(stage, due_on, on, terms)
    if stage.state == StageState.RECHECK:
        waiting = replace(check, title="现场复核", mark=Mark.NOW, colour="orange", note="应于")
        return [remind, due, waiting, *line]
    found = Stop(f"复核未{name}", judged.visited_on, mark=Mark.PASSED, colour="red")
    judging = _determination(stage, due_on, facts, proposed)
    return [remind, due, found, judging, *line]


def _determination(stage: DateView, due_on: date, facts: Facts, proposed: bool) -> Stop:
    if stage.cause is None:
        note = "等待审核" if proposed else "原因待认定"
        return Stop("违约认定", None, note, Mark.NOW, "red")
    on = max(
        event.on
        for event in facts.of_kind(rules.Kind.DETERMINATION)
        if facts.stage_of(event) == stage.track and event.on > due_on
    )
    return Stop("违约认定", on, words.CAUSES[stage.cause], Mark.NOW, "red")


def _idle_line(stage: DateView, due_on: date, on: date, terms: Terms) -> list[Stop]:
    """The legal line ahead of a start that does not come (闲置土地处置办法 art. 2)."""
    if stage.track != Track.START:
        return []
    last = add_years(due_on, terms.idle_years)
    mark = Mark.PASSED if on > last else Mark.LINE
    return [Stop(f"满{_numeral(terms.idle_years)}年未开工", last, "", mark, "purple")]


def _numeral(years: int) -> str:
    return "零一两三四五六七八九"[years] if 0 <= years <= 9 else str(years)


def _judged(facts: Facts, stage: DateView, terms: Terms) -> Version | None:
    """Once reached, the date that was in force on that day."""
    found = rules.versions(facts, stage.track, terms)
    if stage.reached_on is None:
        return stage.version
    return rules.in_force(found, stage.reached_on) or (found[0] if found else None)


def _reached(stage: DateView, goal: Stop, due_on: date | None) -> Stop:
    if stage.reached_on is None:
        return replace(goal, note="日期不详", mark=Mark.DONE, colour="green")
    return Stop(goal.title, stage.reached_on, early_or_late(stage.reached_on, due_on), Mark.DONE, "green")


def _came(stop: Stop, on: date | None) -> bool:
    return stop.on is not None and on is not None and stop.on <= on


def _stage_right(stage: DateView, on: date) -> tuple[str, ...]:
    damages = f"违约金 {stage.damages:,.2f} 元" if stage.damages else ""
    if stage.state == StageState.REACHED:
        late = f"迟{stage.days_late}天" if stage.days_late else "按期" if stage.days_late == 0 else ""
        return tuple(filter(None, (late, damages)))
    if stage.days_late and stage.damages is None:
        damages = "未约定违约金比例"
    elif stage.days_late and stage.cause in EXEMPT:
        damages = "不计违约金"
    return tuple(filter(None, (days_left(stage.due_on, on), damages)))


def _stage_foot(stage: DateView, name: str, on: date) -> tuple[str, str]:
    if stage.state == StageState.REACHED:
        return (
            f"{stage.reached_on or '日期不详'} {name}",
            f"迟{stage.days_late}天" if stage.days_late else "",
        )
    return f"约定 {stage.due_on or '不明'}", days_left(stage.due_on, on)


def _version(facts: Facts, stage: DateView, terms: Terms) -> str:
    """Which date it is: the contract's, derived from the handover, or put off."""
    version = stage.version
    if version is None:
        return ""
    if version.source == DERIVED:
        return "自交地之日推算"
    before = [
        one for one in rules.versions(facts, stage.track, terms) if one.known_from <= version.known_from
    ]
    return f"第 {len(before)} 次约定（延期）" if version.source == AMENDED else "合同约定日期"


def _for_days(since: date, on: date) -> str:
    return f"已{(on - since).days}天"
