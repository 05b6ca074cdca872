/*
 * Text on a row of the terminal. The rule: a cluster whose width is not the same everywhere is
 * followed by a jump (CHA of ECMA-48, 8.3.9) to the column after the most that a terminal takes for
 * it, unless the row ends there. So no terminal is ever ahead of the column that is counted.
 */
#include "client/core/pen.h"

#include <string.h>

void pen_settle(struct pen *p)
{
	if (p->drifted && p->out)
		buffer_format(p->out, "\033[%zuG", p->column + 1);
	p->drifted = false;
}

void pen_cluster(struct pen *p, const char *s, size_t len, struct text_shape shape)
{
	if (!(p->joining && shape.joins))
		pen_settle(p);
	if (p->out)
		buffer_append(p->out, s, len);
	p->column += (size_t)shape.columns;
	if (shape.sure)
		p->least = p->column;
	p->drifted |= !shape.sure;
	p->joining = shape.joins;
}

void pen_text(struct pen *p, const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		struct text_shape shape;
		size_t cluster = text_shape(text + at, len - at, &shape);

		pen_cluster(p, text + at, cluster, shape);
		at += cluster;
	}
}

void pen_style(struct pen *p, const char *style)
{
	if (p->out)
		buffer_format(p->out, "\033[%sm", style);
}

void pen_next_row(struct pen *p)
{
	if (p->out)
		buffer_text(p->out, "\r\n");
	p->column = p->least = 0;
	p->drifted = p->joining = false;
}
