// SPDX-License-Identifier: GPL-2.0-or-later
/* What is kept for the next time. */
#include <string.h>
#include <talloc.h>

#include "ui/menu/list.h"

static const json_t *row_at(const struct menu *menu, size_t i)
{
	return table_row(menu, MODEL_SETTINGS, i);
}

static size_t count(const struct menu *menu)
{
	return table_count(menu, MODEL_SETTINGS);
}

/* The engine's name of a setting, and how it is called and explained here. */
static const struct label {
	const char *name, *label, *help;
} labels[] = {
	{"timeout", N_("Timeout"),
		N_("Seconds until the default entry is booted; 0 boots at once, \"never\" waits.")},
	{"default", N_("Default"),
		N_("Which entry is booted when nobody chooses: an id or title, or one of these.")},
	{"order", N_("Order of devices"),
		N_("Devices whose entries stand first, with blanks between: LABEL=X, UUID=X, "
		   "sda2.")},
	{"language", N_("Language"), N_("Of the menu: a language code such as \"de\".")},
	{"consoles", N_("Consoles"),
		N_("Where the menu stands: device names such as \"tty0 ttyS0\", with blanks "
		   "between.")},
	{"hidden", N_("Hidden entries"), N_("Whether entries that a rule hides are shown.")},
	{"password", N_("Password"),
		N_("Is asked for before anything but the booting of what is listed.")},
};

static const struct label *label_of(const char *name)
{
	for (size_t i = 0; name && i < sizeof(labels) / sizeof(*labels); i++)
		if (!strcmp(name, labels[i].name))
			return &labels[i];
	return NULL;
}

static const char *title_of(const char *name)
{
	const struct label *label = label_of(name);

	return label ? _(label->label) : name ? name : "";
}

/* A password's hash is nobody's business. */
static const char *value_of(const json_t *setting)
{
	const char *name = model_string(setting, "name"), *value = model_string(setting, "value");

	return name && value && !strcmp(name, "password") ? _("is set") : value;
}

static void row(const struct menu *menu, void *ctx, size_t i, struct row *row)
{
	const char *name = model_string(row_at(menu, i), "name");
	const char *value = value_of(row_at(menu, i));
	int columns = grid_columns(title_of(name));

	row->key = name;
	row->text = talloc_asprintf(
		ctx, "%s%*s", title_of(name), columns < 20 ? 20 - columns : 1, "");
	row->note = value ? value : _("not set");
	row->note_style = value ? GRID_STRONG : GRID_DIM;
}

static void detail(const struct menu *menu, size_t i, struct page *page)
{
	const json_t *setting = row_at(menu, i);
	const struct label *label = label_of(model_string(setting, "name"));
	const json_t *choices = json_object_get(setting, "choices");

	page_add(page, GRID_HEADING, title_of(model_string(setting, "name")));
	page_add(page, GRID_PLAIN, label ? _(label->help) : NULL);
	/* translators: the value that a setting has. */
	page_field(page, _("Is"), value_of(setting));
	page_field(page, _("Kept in"), model_string(setting, "stored"));
	if (json_array_size(choices)) {
		page_add(page, GRID_DIM, _("Usual values:"));
		page_add_all(page, GRID_PLAIN, choices);
	}
}

/* NULL forgets it. */
static void set(struct menu *menu, const char *name, const char *value)
{
	menu->sets_password |= !strcmp(name, "password");
	menu_request(menu, json_pack("{ss s{so}}", "ask", "set", "values", name,
				   value ? json_string(value) : json_null()));
	menu_request(menu, json_pack("{ss}", "ask", "settings"));
}

static void answer(struct menu *menu, struct console *c, struct prompt *p, const char *text)
{
	(void)c;
	set(menu, p->of, *text ? text : NULL);
}

static void ask_value(struct console *c, const char *name, const char *value)
{
	const struct label *label = label_of(name);
	bool is_secret = name && !strcmp(name, "password");
	struct prompt *p = !name ? NULL
				 : prompt_open(c, title_of(name), label ? _(label->help) : NULL);

	if (!p)
		return;
	p->edit = line_edit_new(p, value && !is_secret ? value : "");
	p->look = is_secret ? LINE_EDIT_SECRET : 0;
	p->of = talloc_strdup(p, name);
	p->answer = answer;
}

/* The next of its choices, the first behind the last. */
static const char *next_choice(const json_t *choices, const char *value)
{
	size_t n = json_array_size(choices);

	for (size_t i = 0; value && i < n; i++)
		if (!strcmp(json_string_value(json_array_get(choices, i)), value))
			return json_string_value(json_array_get(choices, (i + 1) % n));
	return json_string_value(json_array_get(choices, 0));
}

static void act_change(struct menu *menu, struct console *c)
{
	long i = list_selected(menu_view(c));
	const json_t *setting = i < 0 ? NULL : row_at(menu, (size_t)i);
	const json_t *choices = json_object_get(setting, "choices");
	const char *name = model_string(setting, "name"), *value = model_string(setting, "value");

	if (!name)
		return;
	if (json_array_size(choices))
		set(menu, name, next_choice(choices, value));
	else
		ask_value(c, name, value);
}

static void act_edit(struct menu *menu, struct console *c)
{
	long i = list_selected(menu_view(c));
	const json_t *setting = i < 0 ? NULL : row_at(menu, (size_t)i);

	if (setting)
		ask_value(c, model_string(setting, "name"), model_string(setting, "value"));
}

static void act_forget(struct menu *menu, struct console *c)
{
	long i = list_selected(menu_view(c));
	const char *name = i < 0 ? NULL : model_string(row_at(menu, (size_t)i), "name");

	if (name)
		set(menu, name, NULL);
}

static const struct binding bindings[] = {
	{{KEY_RETURN, ' ', 0, 0}, N_("Enter"), N_("change"),
		N_("The next of its choices; without any, ask for a value."), act_change,
		BINDING_GUARDED},
	{{'e', 0, 0, 0}, "e", N_("edit"), N_("Ask for a value, whatever choices there are."),
		act_edit, BINDING_GUARDED},
	{{KEY_DEL, KEY_ERASE, 0, 0}, N_("Del"), N_("forget"), N_("Forget what was set."),
		act_forget, BINDING_GUARDED},
	{.act = NULL},
};

const struct screen screen_settings = {
	.name = N_("Settings"),
	.ask = "settings",
	.empty = N_("Settings are being read."),
	.help = N_("They are kept on the boot disk or by the firmware, as each says."),
	.bindings = bindings,
	.count = count,
	.row = row,
	.detail = detail,
};
