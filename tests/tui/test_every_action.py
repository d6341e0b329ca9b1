"""Every action has a test that presses its key and looks at what it does. Who adds an action writes one, and names it here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from stepwell_tui.actions import SCOPES, WIDGETS, Action

ACTIONS = {action.id: action for actions in (*SCOPES.values(), *WIDGETS.values()) for action in actions}
TESTED: dict[str, str] = {
    "screens/test_keys_everywhere.py::test_digits_go_to_the_places":
        "go.home go.pipelines go.runs go.datasets go.datastores go.snapshots go.environments go.compute go.git go.published",
    "screens/test_keys_everywhere.py::test_the_palette_goes_to_places_and_runs": "palette",
    "screens/test_keys_everywhere.py::test_the_filter_narrows_the_list": "filter filter.keep filter.drop",
    "screens/test_keys_everywhere.py::test_help_is_about_the_place_and_is_left_again": "help",
    "screens/test_keys_everywhere.py::test_escape_drops_the_filter_leaves_the_graph_and_only_then_goes_back": "back",
    "screens/test_keys_everywhere.py::test_minus_goes_to_the_place_before_and_back": "previous",
    "screens/test_keys_everywhere.py::test_reload_shows_what_no_run_has_told": "reload",
    "screens/test_keys_everywhere.py::test_every_theme_is_one_key_from_the_one_before": "theme",
    "screens/test_keys_everywhere.py::test_messages_are_what_went_wrong": "messages",
    "test_keys_terminal.py::test_the_dashboard_is_suspended_and_comes_back": "suspend",
    "screens/test_keys_everywhere.py::test_q_leaves_what_was_gone_into_and_at_last_the_dashboard": "quit",
    "screens/test_keys_everywhere.py::test_control_q_quits_wherever_one_is": "quit.now",
    "screens/test_keys_runs.py::test_home_goes_to_the_pipelines_and_into_runs":
        "home.pipelines home.logs home.cancel home.compare home.copy",
    "screens/test_keys_runs.py::test_a_run_is_done_again_with_the_values_that_were_filled_in": "runs.rerun",
    "screens/test_keys_runs.py::test_a_run_is_stopped_when_one_says_yes": "runs.cancel",
    "screens/test_keys_runs.py::test_the_log_of_a_run_is_one_key_away": "runs.logs",
    "screens/test_keys_runs.py::test_why_the_steps_of_a_run_ran_is_one_key_away": "home.why runs.why",
    "screens/test_keys_runs.py::test_a_run_is_compared_with_the_one_before_it_or_two_with_each_other": "runs.compare",
    "screens/test_keys_runs.py::test_what_a_run_ran_is_published_under_a_name": "runs.publish",
    "screens/test_keys_runs.py::test_marks_open_and_the_ends_of_the_list":
        "runs.copy list.down list.up list.first list.last list.page.down list.page.up list.mark list.clear list.open",
    "screens/test_keys_runs.py::test_runs_are_sorted_by_the_columns_in_turn": "list.sort list.turn",
    "screens/test_keys_run.py::test_a_run_is_done_again": "run.rerun",
    "screens/test_keys_run.py::test_a_run_is_done_again_from_a_step_with_other_values": "run.rerun.from",
    "screens/test_keys_run.py::test_a_failed_run_is_resumed_and_a_complete_one_is_not": "run.resume",
    "screens/test_keys_runs.py::test_a_run_that_waits_for_its_turn_is_cancelled_and_not_resumed": "run.cancel",
    "screens/test_keys_run.py::test_panels_change_by_their_keys_and_the_keyboard_stays_in_the_steps":
        "run.logs run.metrics run.why run.facts run.outputs",
    "screens/test_keys_run.py::test_the_graph_takes_the_screen_and_is_walked":
        "run.graph graph.next graph.before graph.along graph.back graph.first graph.last graph.lanes graph.open",
    "screens/test_keys_run.py::test_cancel_compare_publish_and_copy": "run.compare run.publish run.copy",
    "screens/test_keys_run.py::test_the_snapshot_of_a_step_down_to_a_file": "run.snapshot snapshot.copy",
    "screens/test_keys_run.py::test_brackets_go_to_the_other_runs_of_the_pipeline": "run.newer run.older",
    "test_keys_terminal.py::test_the_log_of_a_step_opens_in_the_pager": "run.pager",
    "screens/test_keys_run.py::test_everything_that_the_menu_offers_is_copied": "run.copy.what",
    "screens/test_keys_run.py::test_the_log_under_its_keys":
        "log.down log.up log.top log.end log.page.down log.page.up log.left log.right log.follow log.wrap log.search log.next log.before"
        " log.error log.copy log.search.end",
    "screens/test_keys_pipelines.py::test_run_asks_for_parameters_and_force_runs_what_could_be_reused": "pipelines.run pipelines.force",
    "screens/test_keys_pipelines.py::test_a_pipeline_runs_on_save_until_one_goes_to_another": "pipelines.watch",
    "screens/test_keys_pipelines.py::test_a_pipeline_is_published_with_its_code": "pipelines.publish",
    "screens/test_keys_pipelines.py::test_the_graph_takes_the_screen_and_gives_it_back": "pipelines.graph",
    "test_keys_terminal.py::test_the_file_of_a_pipeline_opens_in_the_editor": "pipelines.edit",
    "screens/test_keys_data.py::test_names_of_datasets_are_copied": "datasets.copy dataset.copy",
    "screens/test_keys_data.py::test_a_datastore_takes_files_gives_them_back_and_never_writes_over_any":
        "datastores.copy folder.upload folder.save folder.copy",
    "screens/test_keys_data.py::test_a_snapshot_is_restored_only_where_nothing_is": "snapshots.save snapshots.copy snapshot.save",
    "screens/test_keys_data.py::test_two_snapshots_are_compared_and_their_difference_copied": "snapshots.diff difference.copy",
    "screens/test_keys_data.py::test_a_text_is_scrolled_filtered_and_copied":
        "text.copy text.down text.up text.first text.last text.page",
    "screens/test_keys_data.py::test_the_path_of_an_environment_is_copied": "environments.copy",
    "screens/test_keys_data.py::test_files_and_commits_are_copied_and_gone_into": "git.copy",
    "screens/test_keys_published.py::test_a_published_pipeline_is_run_disabled_and_enabled":
        "published.run published.switch published.copy published.runs",
    "screens/test_keys_published.py::test_versions_of_an_endpoint_and_its_default": "published.add published.default",
    "screens/test_keys_data.py::test_a_comparison_shows_all_or_what_differs_and_turns_round":
        "compare.different compare.swap compare.copy compare.curves",
    "screens/test_keys_data.py::test_the_profile_of_a_dataset_and_how_it_begins_take_turns": "dataset.profile",
}
"""A test and the actions that it presses the keys of."""


def test_every_action_has_a_test() -> None:
    tested = [name for names in TESTED.values() for name in names.split()]
    assert sorted(tested) == sorted(ACTIONS)


@pytest.mark.parametrize("test", TESTED)
def test_the_test_presses_the_key(test: str) -> None:
    module, _, function = test.partition("::")
    tree = ast.parse((Path(__file__).parent / module).read_text())
    found = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    written = {node.value for node in ast.walk(found) if isinstance(node, ast.Constant)}
    assert [name for name in TESTED[test].split() if not written & pressed(ACTIONS[name])] == []


def pressed(action: Action) -> set[str]:
    """How a test may write the keys of an action; control keys also as what a terminal sends."""
    keys = action.keys.split(",")
    return {*keys, *(chr(ord(key[-1]) & 0x1F) for key in keys if key.startswith("ctrl+"))}
