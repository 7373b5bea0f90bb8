"""How the text of a plan calls what it leads to: a policy file, --destroy, or an earlier serial."""

from __future__ import annotations

from planner.policy.document import JsonObject
from planner.render.text.sharing import joined
from planner.text import clean, counted

_CAUSE = {
    ("config", "create"): "the file adds it",
    ("config", "update"): "the file changes it",
    ("config", "delete"): "the file no longer has it",
    ("drift", "create"): "drift: it was removed outside planner",
    ("drift", "update"): "drift: it was changed outside planner",
    ("unmanaged", "update"): "unmanaged: the live policy has it, the state never did",
    ("unmanaged", "delete"): "unmanaged: the live policy has it, the state never did",
    ("conflict", "create"): "conflict: removed outside planner, and changed in the file",
    ("conflict", "update"): "conflict: changed outside planner, and in the file",
    ("conflict", "delete"): "conflict: changed outside planner, and removed from the file",
}
_AT_SERIAL = {"create": "had it", "update": "had it so", "delete": "did not have it"}
_RESOLUTION = {
    "restore": "apply restores it",
    "replace": "apply replaces it",
    "remove": "apply removes it",
}


def title(plan: JsonObject) -> str:
    """The command that makes such a plan, and where a rollback leads."""
    source = plan["source"]
    return (
        f"planner rollback to serial {source['serial']}"
        if source["kind"] == "rollback"
        else "planner plan"
    )


def cause_text(plan: JsonObject, change: JsonObject) -> str:
    """Why a change is there."""
    cause, action, source = change["cause"], change["action"], plan["source"]
    is_back = source["kind"] == "rollback"
    then = f"serial {source['serial']} {_AT_SERIAL[action]}"
    if isinstance(plan["before"], str):
        has_it = then if is_back else "the file has it"
        return f"{has_it}; whether the live policy does is not known"
    if source["kind"] == "destroy" and cause == "config":
        return "--destroy removes it"
    if is_back and cause == "config":
        return then
    if is_back and cause == "conflict":
        return f"conflict: changed outside planner, and {then}"
    return _CAUSE[cause, action]


def resolution_text(plan: JsonObject, change: JsonObject) -> str:
    """What the plan does about a change that was made outside planner."""
    resolution = change["resolution"]
    if resolution == "keep":
        return f"of {joined(change['owners'])}: it is left as it is"
    if resolution == "agree":
        source = plan["source"]
        others = {"destroy": "--destroy", "rollback": f"serial {source['serial']}"}
        return f"{others.get(source['kind'], 'the file')} agrees"
    return _RESOLUTION[resolution]


def matching_text(plan: JsonObject) -> str:
    """That the live policy has what the plan leads to."""
    source, owner = plan["source"], plan["owner"]
    if plan["before"] is None:
        return "The registry has no policy."
    if source["kind"] == "rollback":
        had = f"has what {owner} had" if owner else "is the one recorded"
        return f"The live policy {had} at serial {source['serial']}."
    if source["kind"] == "destroy":
        return f"The live policy has no statement of {owner}."
    files = source["files"]
    wanted = clean(files[0]["path"]) if len(files) == 1 else counted(len(files), "policy file")
    return f"The live policy {f'has what {wanted} asks for' if owner else f'matches {wanted}'}."


def findings_title(plan: JsonObject) -> str:
    """What the findings of a plan are about."""
    source = plan["source"]
    if source["kind"] == "rollback":
        return f"What the rules find in serial {source['serial']}:"
    return "What `planner validate` finds in the file:"
