// A colour for each person, the same one that chatc gives them (client/core/palette.c): the hash is
// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) over the bytes of the name, ASCII case aside.
const COLOURS = 16;

function nameHash(name) {
	let hash = 2166136261;
	for (const byte of encoder.encode(name)) {
		const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
		hash = Math.imul(hash ^ lower, 16777619);
	}
	return (hash ^ hash >>> 16) >>> 0;
}

// The class that the style sheet has for it.
function colourClass(name) {
	return `c${nameHash(name) % COLOURS}`;
}
