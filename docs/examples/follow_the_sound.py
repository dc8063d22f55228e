"""A program that listens to what it plays: each time the tone falls silent it plays the next one, brighter."""

import numpy as np

import latentwave as lw

renderer = lw.Renderer(lw.load("Glass Harp"), sr_hz=44100)
heard, struck = [], 0
while struck < 4:
    if not heard or np.abs(heard[-1]).max() < 0.02:
        renderer.post(lw.control(1, 40 * struck))  # the mod wheel
        renderer.post(lw.note_on(60 + 5 * struck))
        struck += 1
        heard += [renderer.read(441) for _ in range(20)]
        renderer.post(lw.note_off(55 + 5 * struck))
    heard.append(renderer.read(441))
heard.append(renderer.read(44100))
lw.write_wav("harp.wav", np.concatenate(heard), 44100)
print(f"{renderer.time_s:.1f} s, latents now {np.round(renderer.snapshot().latents[:3], 2)}")
