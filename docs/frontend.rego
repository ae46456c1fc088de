# A policy for docker buildx build: save it next to a Dockerfile as Dockerfile.rego, with your own list of digests.
# It allows pyfrontend only with the digests of releases that you have verified (docs/release.md), and all other inputs.
package docker

# Digests of the multi-platform image, from the file DIGESTS of a release.
verified := {"sha256:0000000000000000000000000000000000000000000000000000000000000000"}

frontend if endswith(input.image.repo, "/pyfrontend")

default allow := false

allow if not frontend

allow if {
	frontend
	input.image.checksum in verified
	input.image.hasProvenance
}

deny_msg contains msg if {
	frontend
	not allow
	msg := sprintf("%s is no verified release of pyfrontend: see docs/release.md", [input.image.ref])
}

decision := {"allow": allow, "deny_msg": deny_msg}
