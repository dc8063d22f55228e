"""The effects behind the voices, one small file each. `chain.render_effects` is the only way in, `state.EFFECTS_STATE` the memory."""
