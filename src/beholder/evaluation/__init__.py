"""From predictions to figures: correlations, the VQEG fit, intervals and coverage."""
