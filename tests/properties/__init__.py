"""Tests of what holds for every Dockerfile, with Dockerfiles that Hypothesis makes."""
