import express from "express";

const app = express();
app.use(express.static("public"));
app.get("/api/greeting", (request, response) => {
  response.json({ greeting: `Hello ${request.query.name ?? "world"}` });
});

const server = app.listen(3000, () => console.log("listening on port 3000"));
process.on("SIGTERM", () => server.close());
