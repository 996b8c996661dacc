# derive: what the cases of this folder must give, worked out from the equations by themselves, in
# another language and by other methods than the library's: plain sums, Runge and Kutta, integrals by
# midpoints. Nothing is read but this file; each case's numbers are stated in it again.
#
#   for name in span line density raman ggn; do
#       awk -v name=$name -f derive.awk >case-$name.json
#   done
#
# Sources: ASE h f B NF G; GN model, closed form: Poggiolini et al., arXiv:1209.0394, eq. 120-123;
# SRS: dP/dz = -a P +- C P P'; generalised GN: Cantono et al., arXiv:1710.02225, eq. 21.

function asinh(x) { return x < 0 ? -asinh(-x) : log(x + sqrt(x * x + 1)) }
function db(x) { return 10 * log(x) / log(10) }
function lin(x) { return exp(x * log(10) / 10) }

function setup(    i) {
	pi = atan2(0, -1); c = 299792458; h = 6.62607015e-34
	fref = c / 1550e-9
	D = 1.7e-5; area = 80e-12; n2 = 2.6e-20; pmdc = 1e-15
	b2 = D * c / (2 * pi * fref * fref)
	core = pi * 4.2e-6 * 4.2e-6
}
function aeff(f) { return core / (core / area + log(f / fref)) }
function gamma(f) { return 2 * pi * f * n2 / (c * aeff(f)) }

# Channels: f, B, slot, S (signal), A (ASE), N (interference), each in W.
function channel(f0, baud, osnr, watt) { n++; f[n] = f0; B[n] = baud; tx[n] = osnr; S[n] = watt; A[n] = N[n] = 0; added[n] = lin(-osnr) }
function scale(ratio,    i) { for (i = 1; i <= n; i++) { S[i] *= ratio; A[i] *= ratio; N[i] *= ratio } }

function interfere(a, length_m,    i, j, leff, sum, w, psi, P, made, rest) {
	for (i = 1; i <= n; i++) P[i] = S[i] + A[i] + N[i]
	leff = (1 - exp(-a * length_m)) / a
	for (i = 1; i <= n; i++) {
		sum = 0
		for (j = 1; j <= n; j++) {
			w = i == j ? 16 / 27 : 32 / 27
			psi = (asinh(pi * pi / a * b2 * B[i] * (f[i] - f[j] + B[j] / 2)) - asinh(pi * pi / a * b2 * B[i] * (f[i] - f[j] - B[j] / 2))) / 2
			psi *= leff * leff / (2 * pi * b2 / a)
			sum += w * psi * (P[j] / B[j]) ^ 2
		}
		made[i] = gamma(f[i]) ^ 2 * P[i] * sum
	}
	for (i = 1; i <= n; i++) { rest = 1 - made[i] / P[i]; S[i] *= rest; A[i] *= rest; N[i] = N[i] * rest + made[i] }
}
function fibre(km, loss_km, in_db, out_db,    a) {
	scale(lin(-in_db)); a = loss_km / 1000 * log(10) / 10
	interfere(a, km * 1000)
	scale(exp(-a * km * 1000) * lin(-out_db))
	cd_km += km; pmd2 += pmdc * pmdc * km * 1000
}
function amplify(gain, nf,    i) { for (i = 1; i <= n; i++) A[i] += h * f[i] * B[i] * lin(nf); scale(lin(gain)) }
function roadm(    i, P, r) {
	for (i = 1; i <= n; i++) {
		P = S[i] + A[i] + N[i]; r = lin(target[i]) * 1e-3 / P
		S[i] *= r; A[i] *= r; N[i] *= r
		added[i] += lin(-(35 + db(2)))
	}
	pmd2 += rpmd * rpmd; pdl2 += rpdl * rpdl
}
function column(key, values, last,    i, text) {
	text = ""
	for (i = 1; i <= n; i++) text = text (i > 1 ? ", " : "") sprintf("%.6f", values[i])
	printf "    \"%s\": [%s]%s\n", key, text, last ? "" : ","
}
function report(    i, v) {
	printf "  \"receiver\": {\n"
	for (i = 1; i <= n; i++) v[i] = -db((A[i] + N[i]) / S[i] * 12.5e9 / B[i] + added[i]); column("gsnr_01nm_db", v)
	for (i = 1; i <= n; i++) v[i] -= db(B[i] / 12.5e9); column("gsnr_bw_db", v)
	for (i = 1; i <= n; i++) v[i] = -db(A[i] / S[i] * 12.5e9 / B[i] + added[i]); column("osnr_01nm_db", v)
	for (i = 1; i <= n; i++) v[i] -= db(B[i] / 12.5e9); column("osnr_bw_db", v)
	for (i = 1; i <= n; i++) v[i] = db((S[i] + A[i] + N[i]) * 1000); column("pch_dbm", v)
	for (i = 1; i <= n; i++) v[i] = D * (f[i] / fref) ^ 2 * cd_km * 1e6; column("cd_ps_nm", v)
	for (i = 1; i <= n; i++) v[i] = sqrt(pmd2) * 1e12; column("pmd_ps", v)
	for (i = 1; i <= n; i++) v[i] = sqrt(pdl2); column("pdl_db", v, 1)
	printf "  }\n}\n"
}
function head(topology, more, path) {
	printf "{\n  \"inputs\": {\"topology\": \"%s\", \"equipment\": \"equipment.json\"%s},\n", topology, more
	printf "  \"source\": \"A\",\n  \"destination\": \"B\",\n  \"path\": [%s],\n", path
}

# 80 km, 0.2 dB/km and two connectors of 0.5 dB, an amplifier of 17 dB and NF 5.5; five channels at
# 0 dBm. The transmitter's OSNR of 40 dB is added at the receiver.
function case_span(    k) {
	head("span.json", "", "\"A\", \"span\", \"amplifier\", \"B\"")
	for (k = 1; k <= 5; k++) channel(193e12 + k * 50e9, 32e9, 40, 1e-3)
	fibre(80, 0.2, 0.5, 0.5); amplify(17, 5.5); report()
}

# 180 km are longer than 120: two spans of 90 (18.9 dB and two connectors of 0.25: 19.4). Booster,
# inline and preamplifier are of the less noisy kind that has the power. By the slope rule
# round((19.4 - 20) * 0.3 / 0.5) * 0.5 = 0 behind booster and inline amplifier, 0 before a ROADM:
# gains 20, 19.4, 19.4.
function case_line(    k, i) {
	head("line.json", "", "\"A\", \"roadm A\", \"Edfa_booster_roadm A_to_long_(1/2)\", \"long_(1/2)\", \"Edfa_long_(1/2)\", \"long_(2/2)\", \"Edfa_preamp_roadm B_from_long_(2/2)\", \"roadm B\", \"B\"")
	for (k = 1; k <= 5; k++) { channel(193e12 + k * 50e9, 32e9, 40, 1e-3); target[k] = -20 }
	rpmd = 1e-12; rpdl = 0.5
	roadm(); amplify(20, 5.5); fibre(90, 0.21, 0.25, 0.25); amplify(19.4, 5.5); fibre(90, 0.21, 0.25, 0.25); amplify(19.4, 5.5); roadm(); report()
}

# ROADMs equalise to 3e-4 mW/GHz, channels of 64 GBd to 1 dB more. The library's channel of 32 GBd
# leaves at 10 log 9.6e-3 = -20.18 dBm, so that +1 dB behind the booster take 21.18 dB of gain; the
# span loses 15.5 dB, and 0 dB behind the preamplifier take 14.5.
function case_density(    k, p) {
	head("density.json", ", \"spectrum\": \"mixed.spectrum.json\"", "\"A\", \"roadm A\", \"booster\", \"span\", \"preamp\", \"roadm B\", \"B\"")
	for (k = 0; k < 3; k++) channel(193e12 + k * 50e9, 32e9, 40, 1e-3)
	for (k = 0; k < 2; k++) channel(193.2e12 + k * 100e9, 64e9, 36, 1e-3)
	for (k = 1; k <= 5; k++) target[k] = db(3e-4 * B[k] / 1e9) + (k > 3)
	roadm(); amplify(1 - db(3e-4 * 32), 8); fibre(60, 0.25, 0.5, 0); amplify(14.5, 5.5); roadm(); report()
}

# Two strong channels 9 THz apart over 80 km of dark fibre; by Runge and Kutta, 10 m a step. The gain
# is 4e-4 * 9/12 /(W m) for a pump at 206 THz, measured in the fibre's areas there; a photon lost is a
# photon gained. Interference is that of loss alone, as the closed form has it.
function slope1(p1, p2) { return -al * p1 + C * p1 * p2 }
function slope2(p1, p2) { return -al * p2 - C * f[2] / f[1] * p1 * p2 }
function norm(off) { return (aeff(206e12) + aeff(206e12 - off)) / 2 }
function case_raman(    k, p1, p2, a1, a2, b1, b2_, c1, c2, d1, d2, s, g1, g2) {
	head("dark.json", ", \"spectrum\": \"two.spectrum.json\", \"sim_params\": \"numerical.sim.json\"", "\"A\", \"span\", \"B\"")
	channel(187e12, 32e9, 40, lin(13) / 1000); channel(196e12, 32e9, 40, lin(16) / 1000)
	al = 0.2e-3 * log(10) / 10
	# The gain times area is what is interpolated: it is 4e-4 * norm(12 THz) at 12 THz.
	C = 4e-4 * norm(12e12) * 9 / 12 * 196 / 206 / ((aeff(187e12) + aeff(196e12)) / 2)
	p1 = S[1]; p2 = S[2]; s = 10
	for (k = 0; k < 8000; k++) {
		a1 = slope1(p1, p2); a2 = slope2(p1, p2)
		b1 = slope1(p1 + s / 2 * a1, p2 + s / 2 * a2); b2_ = slope2(p1 + s / 2 * a1, p2 + s / 2 * a2)
		c1 = slope1(p1 + s / 2 * b1, p2 + s / 2 * b2_); c2 = slope2(p1 + s / 2 * b1, p2 + s / 2 * b2_)
		d1 = slope1(p1 + s * c1, p2 + s * c2); d2 = slope2(p1 + s * c1, p2 + s * c2)
		p1 += s / 6 * (a1 + 2 * b1 + 2 * c1 + d1); p2 += s / 6 * (a2 + 2 * b2_ + 2 * c2 + d2)
	}
	g1 = p1 / S[1]; g2 = p2 / S[2]
	interfere(al, 80000)
	S[1] *= g1; N[1] *= g1; S[2] *= g2; N[2] *= g2
	cd_km += 80; pmd2 += pmdc * pmdc * 80000
	report()
}

# One channel of 60 GBd and roll-off 0.2 at 6 dBm: self-interference by 600 x 600 midpoints of
# |(1 - exp((-a + j d) L)) / (a - j d)|^2 over raised cosines.
function shape(y,    edge) {
	y = y < 0 ? -y : y; edge = B[1] / 2 * 0.8
	if (y <= edge) return 1
	if (y >= B[1] / 2 * 1.2) return 0
	return (1 + cos(pi * (y - edge) / (B[1] * 0.2))) / 2
}
function case_ggn(    i, j, m, x, y, d, e, sum, made, rest, P) {
	head("dark.json", ", \"spectrum\": \"one.spectrum.json\", \"sim_params\": \"ggn.sim.json\"", "\"A\", \"span\", \"B\"")
	channel(193.4e12, 60e9, 40, lin(6) / 1000)
	al = 0.2e-3 * log(10) / 10; e = exp(-al * 80000); m = 600
	for (i = 0; i < m; i++)
		for (j = 0; j < m; j++) {
			x = B[1] * 1.2 * ((i + 0.5) / m - 0.5); y = B[1] * 1.2 * ((j + 0.5) / m - 0.5)
			d = 4 * pi * pi * b2 * x * y
			sum += shape(x) * shape(y) * shape(x + y) * (1 - 2 * e * cos(d * 80000) + e * e) / (al * al + d * d)
		}
	sum *= (B[1] * 1.2 / m) ^ 2
	P = S[1]; made = 16 / 27 * gamma(f[1]) ^ 2 * P * (P / B[1]) ^ 2 * sum; rest = 1 - made / P
	S[1] *= rest; N[1] = made; scale(e)
	cd_km += 80; pmd2 += pmdc * pmdc * 80000
	report()
}

BEGIN {
	setup()
	if (name == "span") case_span()
	else if (name == "line") case_line()
	else if (name == "density") case_density()
	else if (name == "raman") case_raman()
	else if (name == "ggn") case_ggn()
	else { print "which case?" > "/dev/stderr"; exit 2 }
}
