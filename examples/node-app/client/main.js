import { show } from "./show.js";

const answer = await fetch("/api/greeting?name=browser");
show(await answer.json());
