"""The page of the sandbox without a browser: how its widgets are found, turned and read."""

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from model.pages.knobs.table import MIXES_OF, SECTIONS
from model.scenario.scenario_file import PARAMETERS_OF

APP = str(Path(__file__).parents[2] / "app.py")


SPEED = "reward.capability_weight.speed"


QUALITY = "reward.capability_weight.quality"


STORAGE = "reward.capability_weight.storage"


def launch(**query: Any) -> AppTest:
    """The page as a link with these parameters shows it; without any, the first preset after its opening epochs."""
    app = AppTest.from_file(APP, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def settle(app: AppTest) -> None:
    """Run until nothing plays any more."""
    for _ in range(60):
        if not app.session_state.run.playing:
            return
        app.run()


def upload(app: AppTest, name: str, data: bytes) -> None:
    """Hand a file in; the next redraw shows what came of it."""
    app.file_uploader[0].upload(name, data, "application/toml").run()


def figure(app: AppTest, label: str) -> str:
    return next(metric.value for metric in app.metric if metric.label == label)


def opened(app: AppTest, path: str) -> AppTest:
    """The page with the tab and the section unfolded in which the knob at `path` is."""
    for title, sections in SECTIONS.items():
        for name, section in sections.items():
            mixes = tuple(f"{kind}.{part}" for kind in MIXES_OF.get(name, ()) for part in ("mix", "parameters"))
            parameters = tuple(f"{PARAMETERS_OF[knob.path]}." for knob in section if knob.path in PARAMETERS_OF)
            paths = [knob.path.partition("{")[0] for knob in section]
            if path.startswith((*mixes, *parameters)) or any(path.startswith(one) for one in paths):
                unfold(app, title, name)
    return app


def unfold(app: AppTest, title: str, *sections: str) -> None:
    """Open a tab of the sidebar and sections in it."""
    wanted = {"knob tabs": title} | {f"section {name}": True for name in sections}
    if not all(key in app.session_state and app.session_state[key] == value for key, value in wanted.items()):
        for key, value in wanted.items():
            app.session_state[key] = value
        app.run()


def slider(app: AppTest, path: str) -> Any:
    """Slider that now shows the knob at `path`."""
    return next(one for one in opened(app, path).slider if one.key.startswith(f"knob {path} "))


def choice(app: AppTest, path: str) -> Any:
    return next(one for one in opened(app, path).selectbox if one.key.startswith(f"knob {path} "))


def mix(app: AppTest, section: str) -> Any:
    return next(one for one in opened(app, f"{section}.mix").multiselect if one.key.startswith(f"knob {section}.mix "))


def number(app: AppTest, path: str) -> Any:
    return next(one for one in opened(app, path).number_input if one.key.startswith(f"knob {path} "))


def toggle(app: AppTest, path: str) -> Any:
    return next(one for one in opened(app, path).toggle if one.key.startswith(f"knob {path} "))


def preset(app: AppTest) -> Any:
    return app.selectbox(key="chosen preset")


def timeline(app: AppTest) -> Any:
    return next(one for one in app.slider if one.key.startswith("shown "))


def epochs(app: AppTest) -> int:
    return app.session_state.run.economy.epoch


def pause(app: AppTest) -> None:
    app.session_state.run.playing = False


GOOD = b'name = "mine"\nstory = "<b>bold</b> **bold**"\n[subnets]\ncount = 2\n[reward]\naudit_rate = 0.5\n'
