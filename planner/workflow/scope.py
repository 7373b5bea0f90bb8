"""Looking at the registry policy scope of a registry, and at what it is to a policy."""

from __future__ import annotations

from planner.access.api import Comparison, compare
from planner.access.comparison import Undecided
from planner.config.settings import Settings
from planner.config.target import Target
from planner.lint.scope import ScopeReport
from planner.policy.opaque import OpaquePolicy, read_any
from planner.ports import RegistryApi
from planner.registry import RAISED, Registry
from planner.workflow.live import LIVE
from planner.workflow.reading import PolicySource, subject_in_ecr, subject_in_files


def look_at_scope(
    api: RegistryApi, settings: Settings, target: Target, files: PolicySource | None
) -> ScopeReport:
    """The scope of the registry that is reached, and what in `files` needs V2.

    Without files it is about the live policy. Raises PlannerError where the scope cannot be read.
    """
    registry = api.caller().registry
    scope = api.read_scope()
    if files is None:
        subject = subject_in_ecr(api, settings, target)
    else:
        subject = subject_in_files(files, settings, lambda _: target.reached(registry))
    return ScopeReport(
        registry,
        scope,
        settings.scope,
        settings.toml.raise_scope,
        subject.name,
        subject.parsed,
        _raising(api, registry) if scope == RAISED.before else None,
        settings.toml.accounts,
    )


def _raising(api: RegistryApi, registry: Registry) -> Comparison:
    """What the live policy says more and less once it is held against every request."""
    text = api.read()
    live = None if text is None else read_any(text, LIVE)
    if isinstance(live, OpaquePolicy):
        reason = f"planner cannot read the live policy: {live.reason}"
        return Comparison(unknown=(Undecided(reason, may_be_public=True),))
    return compare(live, live, registry, RAISED.before, RAISED.after)
