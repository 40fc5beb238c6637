"""One loop for all methods: recipes, data, tasks, checkpoints. `recipe` works without torch."""
