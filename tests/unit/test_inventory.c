/* inventory.yaml: what is read, what is refused and where, what is found. Addresses and networks.
 */
#include "check.h"

#include "settings/inventory.h"

#include <stdio.h>

static char folder[] = "/tmp/sokuho-inventory-XXXXXX";
static char path[64];

static const char good[] =
	"departments:\n"
	"  - {name: 防衛設計部, defence: yes}\n"
	"  - {name: 総務部, defence: false}\n"
	"systems:\n"
	"  - {id: cad, label: 設計端末, hosts: [PC001, cad.example.jp], addresses: [10.1.1.1, "
	"10.1.1.65, 10.1.1.97],\n"
	"     classes: [protected, same_intranet], owner: tanaka, department: 防衛設計部,\n"
	"     contracts: [戦車], introduced: 2026-04-01}\n"
	"  - {id: lan, networks: [10.0.0.0/8, '2001:db8::/32'], classes: none}\n"
	"  - {id: lab, networks: [10.1.0.0/16]}\n"
	"  - {id: www, hosts: [web1.example.jp]}\n"
	"  - {id: pc1, hosts: [pc1.a.example.jp]}\n"
	"people:\n"
	"  - {id: tanaka, users: ['CORP\\tanaka'], mail: [Tanaka@example.co.jp], defence: yes}\n"
	"  - {id: sato, users: [sato], department: 総務部, defence: unknown}\n"
	"  - {id: sales, mail: ['@sales.example.co.jp'], defence: no}\n"
	"sites:\n"
	"  - {label: corp, domains: [www.example.jp], hosts: [web1],\n"
	"     document_roots: [/var/www/html/, 'C:\\inetpub']}\n"
	"contracts:\n"
	"  - {label: 戦車, body: gsdf, office: 補給課, role: sub,\n"
	"     prime: {name: 元請, day: 03-1, night: 090-1}, officer: 契約官}\n";

static struct inventory *load(const char *text, struct problems *problems)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return inventory_load(path, problems);
}

static struct inventory *load_good(void)
{
	struct problems problems = { 0 };
	struct inventory *inv = load(good, &problems);

	check_no_problems(&problems);
	assert_non_null(inv);
	return inv;
}

static void test_every_key_of_the_inventory_is_read(void **state)
{
	struct inventory *inv = load_good();
	const struct system_entry *cad = &inv->systems[0];
	const struct contract *contract = &inv->contracts[0];

	(void)state;
	assert_int_equal(inv->n_departments, 2);
	assert_int_equal(inv->departments[0].defence, IMPLICATED_YES);
	assert_int_equal(inv->departments[1].defence, IMPLICATED_NO);
	assert_string_equal(cad->id, "cad");
	assert_string_equal(cad->label, "設計端末");
	assert_int_equal(cad->hosts.n, 2);
	assert_int_equal(cad->classes, CLASS_PROTECTED | CLASS_SAME_INTRANET);
	assert_string_equal(cad->owner, "tanaka");
	assert_string_equal(cad->department, "防衛設計部");
	assert_string_equal(cad->contracts.at[0], "戦車");
	assert_string_equal(cad->introduced, "2026-04-01");
	assert_int_equal(cad->line, 5);
	assert_string_equal(inv->systems[1].label, "lan");
	assert_int_equal(inv->systems[1].classes, CLASS_NONE);
	assert_int_equal(inv->people[0].defence, IMPLICATED_YES);
	assert_int_equal(inv->people[1].defence, IMPLICATED_UNKNOWN);
	assert_string_equal(inv->people[1].department, "総務部");
	assert_string_equal(inv->sites[0].document_roots.at[1], "C:\\inetpub");
	assert_string_equal(contract->body, "gsdf");
	assert_true(contract->sub);
	assert_string_equal(contract->prime_name, "元請");
	assert_string_equal(contract->prime_day, "03-1");
	assert_string_equal(contract->prime_night, "090-1");
	assert_string_equal(contract->office, "補給課");
	assert_string_equal(contract->officer, "契約官");
	assert_non_null(inventory_department(inv, "総務部"));
	assert_null(inventory_department(inv, "人事部"));
	assert_ptr_equal(inventory_contract(inv, "戦車"), contract);
	assert_ptr_equal(inventory_system(inv, SLICE("cad")), cad);
	assert_null(inventory_system(inv, SLICE("CAD")));
	inventory_free(inv);
}

static void test_a_host_of_a_site_without_a_class_is_company_web(void **state)
{
	struct inventory *inv = load_good();

	(void)state;
	assert_int_equal(inventory_system(inv, SLICE("www"))->classes, CLASS_COMPANY_WEB);
	assert_int_equal(inventory_system(inv, SLICE("lab"))->classes, 0);
	inventory_free(inv);
}

static void test_no_file_and_an_empty_file_are_empty_inventories(void **state)
{
	struct problems problems = { 0 };
	struct inventory *inv = inventory_load(NULL, &problems);

	(void)state;
	assert_non_null(inv);
	assert_null(inv->file);
	assert_null(inventory_host(inv, SLICE("pc001")));
	inventory_free(inv);
	inv = load("# nothing yet\n", &problems);
	assert_non_null(inv);
	inventory_free(inv);
	inv = load("systems:\n", &problems);
	assert_non_null(inv);
	inventory_free(inv);
	assert_int_equal(problems.n, 0);
}

static void test_every_fault_has_its_place_and_the_nearest_name(void **state)
{
	static const struct {
		const char *text, *place, *words;
	} cases[] = {
		{ "system: []\n", ":1:1: error:", "did you mean 'systems'?" },
		{ "systems:\n- {id: a, host: [b]}\n", ":2:11: error:", "did you mean 'hosts'?" },
		{ "systems:\n- {hosts: [b]}\n", ":2:3: error:", "a system without 'id'" },
		{ "systems:\n- {id: a, networks: [10.0.0.0/33]}\n",
		  ":2:22: error:", "'10.0.0.0/33' is not a network" },
		{ "systems:\n- {id: a, addresses: [10.0.0.0/24]}\n",
		  ":2:23: error:", "is not an address; networks" },
		{ "systems:\n- {id: a, classes: [protectd]}\n",
		  ":2:21: error:", "unknown class 'protectd'; did you mean 'protected'?" },
		{ "systems:\n- {id: a, classes: [none, secret]}\n",
		  ":2:20: error:", "class 'none' says" },
		{ "systems:\n- {id: a, department: 設計}\ndepartments: [{name: 設計部, defence: "
		  "yes}]\n",
		  ":2:23: error:", "unknown department '設計'; did you mean '設計部'?" },
		{ "systems:\n- {id: a, contracts: [x1]}\ncontracts: [{label: x2, role: prime}]\n",
		  ":2:23: error:", "unknown contract 'x1'; did you mean 'x2'?" },
		{ "people:\n- {id: a, department: b}\n",
		  ":2:23: error:", "unknown department 'b'" },
		{ "people:\n- {id: a, defence: maybe}\n", ":2:20: error:", "yes, no or unknown" },
		{ "departments:\n- {name: a, defence: unknown}\n", ":2:22: error:", "yes or no" },
		{ "people:\n- {id: a, mail: [tanaka]}\n",
		  ":2:17: error:", "is not a mail address" },
		{ "systems:\n- {id: a, hosts: [pc1]}\n- {id: b, hosts: [PC1]}\n",
		  ":3:19: error:", "host 'PC1' stands already in line 2" },
		{ "systems:\n- {id: a, addresses: ['::1']}\n- {id: b, addresses: ['0::1']}\n",
		  ":3:23: error:", "stands already in line 2" },
		{ "systems:\n- {id: a, networks: [10.1.0.0/16]}\n- {id: b, networks: [10.1.2.3/16]}\n",
		  ":3:22: error:", "network '10.1.2.3/16' stands already in line 2" },
		{ "systems:\n- {id: a}\n- {id: a}\n", ":3:8: error:", "system 'a' stands already" },
		{ "systems:\n- {id: a, introduced: soon}\n", ":2:23: error:", "is not a date" },
		{ "contracts:\n- {label: a, role: subb}\n",
		  ":2:20: error:", "did you mean 'sub'?" },
		{ "contracts:\n- {label: a, role: prime, prime: {nam: b}}\n",
		  ":2:35: error:", "did you mean 'name'?" },
		{ "contracts:\n- {label: a}\n", ":2:3: warning:", "without role" },
		{ "contracts:\n- {label: a, role: sub}\n", ":2:3: warning:", "whom to call" },
		{ "systems: {id: a}\n", ":1:10: error:", "is a list of entries" },
		{ "systems:\n- a\n", ":2:3: error:", "a system has keys" },
		{ "systems:\n- {id: [a]}\n", ":2:8: error:", "'id' is one word" },
		{ "systems:\n- {id: a, hosts: [[b]]}\n", ":2:19: error:", "is a list of words" },
		{ "- a\n", ":1:1: error:", "an inventory has the sections" },
		{ "systems: []\n---\nsites: []\n", ":3:1: error:", "one YAML document" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problems problems = { 0 };
		struct inventory *inv = load(cases[i].text, &problems);
		struct text text = { 0 };

		problems_print(&problems, false, &text);
		if (!text.at || !strstr(text.at, cases[i].place) ||
		    !strstr(text.at, cases[i].words) || (inv != NULL) != (problems.errors == 0))
			fail_msg("case %zu: wanted '%s %s', have '%s'", i, cases[i].place,
				 cases[i].words, text.at ? text.at : "");
		text_clear(&text);
		problems_clear(&problems);
		inventory_free(inv);
	}
}

static void test_all_faults_come_in_one_run(void **state)
{
	struct problems problems = { 0 };

	(void)state;
	assert_null(load("systems:\n- {id: a, classes: [x]}\n- {hosts: [b]}\nfoo: 1\n", &problems));
	assert_int_equal(problems.errors, 3);
	problems_clear(&problems);
}

static void test_hosts_are_found_by_short_and_full_name(void **state)
{
	static const struct {
		const char *name, *id;
	} cases[] = {
		{ "pc001", "cad" },
		{ "PC001.example.jp", "cad" },
		{ "cad", "cad" },
		{ "CAD.example.jp.", "cad" },
		{ "cad.other.jp", NULL },
		{ "pc1", "pc1" },
		{ "pc1.b.example.jp", NULL },
		{ "pc1.a.example.jp", "pc1" },
		{ "pc0011", NULL },
		{ "", NULL },
		{ "web1", "www" },
	};
	struct inventory *inv = load_good();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct system_entry *s = inventory_host(inv, slice_of(cases[i].name));

		if (!s != !cases[i].id || (s && strcmp(s->id, cases[i].id) != 0))
			fail_msg("'%s' is '%s'", cases[i].name, s ? s->id : "unknown");
	}
	inventory_free(inv);
}

/* Which of two is meant nobody knows; that it is neither does not follow from one of them. */
static void test_of_two_with_one_short_name_the_one_that_matters_counts(void **state)
{
	struct problems problems = { 0 };
	struct inventory *inv = load("systems:\n- {id: a, hosts: [pc1.lab.jp], classes: none}\n"
				     "- {id: b, hosts: [pc1.cad.jp], classes: protected}\n"
				     "people:\n- {id: c, users: ['A\\sato'], defence: no}\n"
				     "- {id: d, users: ['B\\sato'], defence: yes}\n", &problems);

	(void)state;
	assert_non_null(inv);
	assert_string_equal(inventory_host(inv, slice_of("PC1"))->id, "b");
	assert_string_equal(inventory_host(inv, slice_of("pc1.lab.jp"))->id, "a");
	assert_string_equal(inventory_user(inv, slice_of("sato"))->id, "d");
	assert_string_equal(inventory_user(inv, slice_of("A\\sato"))->id, "c");
	inventory_free(inv);
}

static void test_the_closest_network_counts(void **state)
{
	static const struct {
		const char *address, *id;
	} cases[] = {
		{ "10.1.1.1", "cad" },	      { "10.1.1.2", "lab" }, { "10.2.0.1", "lan" },
		{ "::ffff:10.1.1.1", "cad" }, { "11.0.0.1", NULL },  { "2001:db8:1::5", "lan" },
		{ "[2001:db8::1]", "lan" },   { "pc001", NULL },     { "2001:db9::1", NULL },
	};
	struct inventory *inv = load_good();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct system_entry *s = inventory_address(inv, slice_of(cases[i].address));

		if (!s != !cases[i].id || (s && strcmp(s->id, cases[i].id) != 0))
			fail_msg("'%s' is '%s'", cases[i].address, s ? s->id : "unknown");
	}
	inventory_free(inv);
}

static void test_people_are_found_by_logon_name_and_mail(void **state)
{
	static const struct {
		const char *user, *id;
	} cases[] = {
		{ "corp\\TANAKA", "tanaka" },
		{ "tanaka", "tanaka" },
		{ "LAB\\tanaka", NULL },
		{ "LAB\\sato", "sato" },
		{ "sato", "sato" },
		{ "suzuki", NULL },
		{ "tanaka@EXAMPLE.co.jp", "tanaka" },
		{ "anybody@sales.example.co.jp", "sales" },
	};
	struct inventory *inv = load_good();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct person *p = inventory_user(inv, slice_of(cases[i].user));

		if (!p != !cases[i].id || (p && strcmp(p->id, cases[i].id) != 0))
			fail_msg("'%s' is '%s'", cases[i].user, p ? p->id : "unknown");
	}
	assert_null(inventory_mail(inv, SLICE("tanaka")));
	assert_null(inventory_mail(inv, SLICE("tanaka@example.com")));
	inventory_free(inv);
}

static void test_sites_are_found_by_domain_host_and_path(void **state)
{
	struct inventory *inv = load_good();
	const struct site *corp = &inv->sites[0];

	(void)state;
	assert_ptr_equal(inventory_site_domain(inv, SLICE("WWW.example.jp.")), corp);
	assert_null(inventory_site_domain(inv, SLICE("example.jp")));
	assert_ptr_equal(inventory_site_host(inv, SLICE("web1.example.jp")), corp);
	assert_null(inventory_site_host(inv, SLICE("web2")));
	assert_ptr_equal(inventory_site_path(inv, SLICE("/var/www/html/index.html")), corp);
	assert_ptr_equal(inventory_site_path(inv, SLICE("/var/www/html")), corp);
	assert_ptr_equal(inventory_site_path(inv, SLICE("c:/INETPUB\\a.asp")), corp);
	assert_null(inventory_site_path(inv, SLICE("/var/www/html2/index.html")));
	assert_null(inventory_site_path(inv, SLICE("")));
	inventory_free(inv);
}

static void test_domains_of_sites_and_mail_are_owned(void **state)
{
	static const struct {
		const char *domain;
		bool want;
	} cases[] = {
		{ "example.co.jp", true },
		{ "sub.Example.CO.jp", true },
		{ "www.example.jp", true },
		{ "example.jp", false },
		{ "badexample.co.jp", false },
		{ "", false },
		{ "jp", false },
	};
	struct inventory *inv = load_good();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (inventory_owns_domain(inv, slice_of(cases[i].domain)) != cases[i].want)
			fail_msg("'%s'", cases[i].domain);
	inventory_free(inv);
}

static void test_free_mail_in_the_ledger_makes_no_domain_ours(void **state)
{
	static const struct { const char *domain; bool want; } cases[] = {
		{ "gmail.com", false }, { "x.gmail.com", false }, { "yahoo.co.jp", true },	/* a site says so */
		{ "example.jp", true }, { "team.docomo.ne.jp", true }, { "docomo.ne.jp", false },
	};
	struct problems problems = { 0 };
	struct inventory *inv = load("people:\n  - {id: a, mail: [a@Gmail.com, a@yahoo.co.jp, a@example.jp]}\n"
				     "  - {id: b, mail: [b@docomo.ne.jp, b@team.docomo.ne.jp]}\n"
				     "sites:\n  - {label: s, domains: [yahoo.co.jp]}\n", &problems);
	struct text list = { 0 };

	(void)state;
	assert_non_null(inv);
	assert_true(inventory_owns_domain(inv, SLICE("gmail.com")));
	text_addf(&list, "%s/freemail.yaml", getenv("SOKUHO_DATA_DIR"));
	inventory_load_freemail(inv, list.at, &problems);
	assert_int_equal(problems.n, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (inventory_owns_domain(inv, slice_of(cases[i].domain)) != cases[i].want)
			fail_msg("'%s'", cases[i].domain);
	assert_string_equal(inventory_mail(inv, SLICE("a@gmail.com"))->id, "a");
	text_clear(&list);
	inventory_free(inv);
}

static void test_rule_tests_name_hosts_addresses_domains_and_networks(void **state)
{
	struct problems problems = { 0 };
	struct inventory *inv = inventory_load(NULL, &problems);
	struct err err;

	(void)state;
	assert_int_equal(inventory_add_test(inv, "PC001", "protected", &err), 0);
	assert_int_equal(inventory_add_test(inv, "10.0.0.1", "none", &err), 0);
	assert_int_equal(inventory_add_test(inv, "192.168.0.0/16", "same_intranet", &err), 0);
	assert_int_equal(inventory_add_test(inv, "www.example.jp", "company_web", &err), 0);
	assert_int_equal(inventory_add_test(inv, "example.jp", "other_defence", &err), 0);
	assert_int_equal(inventory_host(inv, SLICE("pc001"))->classes, CLASS_PROTECTED);
	assert_int_equal(inventory_address(inv, SLICE("10.0.0.1"))->classes, CLASS_NONE);
	assert_int_equal(inventory_address(inv, SLICE("192.168.3.4"))->classes,
			 CLASS_SAME_INTRANET);
	assert_non_null(inventory_site_domain(inv, SLICE("www.example.jp")));
	assert_null(inventory_site_domain(inv, SLICE("example.jp")));
	assert_int_equal(inventory_mail(inv, SLICE("x@example.jp"))->defence, IMPLICATED_YES);
	assert_int_equal(inventory_add_test(inv, "a", "protectd", &err), ERR_CONFIG);
	assert_non_null(strstr(err.text, "protectd"));
	inventory_free(inv);
}

static void test_networks_are_read_and_compared_bit_by_bit(void **state)
{
	static const struct {
		const char *network, *in, *out;
	} cases[] = {
		{ "192.0.2.0/24", "192.0.2.255", "192.0.3.0" },
		{ "192.0.2.77/24", "192.0.2.1", "192.0.1.255" },
		{ "10.16.0.0/12", "10.31.255.255", "10.32.0.0" },
		{ "192.0.2.7", "192.0.2.7", "192.0.2.8" },
		{ "0.0.0.0/0", "255.1.2.3", "2001:db8::1" },
		{ "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1" },
		{ "2001:db8::1", "2001:DB8:0::1", "2001:db8::2" },
		{ "::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.0" },
	};
	static const char *const bad[] = {
		"",	    "10.0.0.0/",      "10.0.0.0/33", "10.0.0.0/a",
		"10.0.0/8", "2001:db8::/129", "10.0.0.0/-1", "10.0.0.0/+8",
		"pc1",	    "10.0.0.0/0008",  "/8",	     "010.0.0.1"
	};
	struct network network;
	unsigned char address[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(network_parse(cases[i].network, &network));
		assert_true(address_parse(slice_of(cases[i].in), address));
		if (!network_has(&network, address))
			fail_msg("%s lacks %s", cases[i].network, cases[i].in);
		assert_true(address_parse(slice_of(cases[i].out), address));
		if (network_has(&network, address))
			fail_msg("%s has %s", cases[i].network, cases[i].out);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (network_parse(bad[i], &network))
			fail_msg("'%s' was read", bad[i]);
	assert_false(address_parse((struct slice){ "10.0.0.1\0", 9 }, address));
	assert_true(address_parse(SLICE("fe80::1%eth0"), address));
	assert_false(address_parse(SLICE("10.0.0.1:80"), address));
}

static void test_inside_is_listed_or_private_where_nothing_is_listed(void **state)
{
	static const struct {
		const char *address;
		bool private, listed;
	} cases[] = {
		{ "10.0.0.1", true, false },	 { "172.31.0.1", true, false },
		{ "172.32.0.1", false, false },	 { "192.168.9.9", true, false },
		{ "127.0.0.1", true, false },	 { "169.254.1.1", true, false },
		{ "fd00::1", true, false },	 { "fe80::1", true, false },
		{ "::1", true, false },		 { "203.0.113.9", false, true },
		{ "2001:db8::1", false, false }, { "192.169.0.1", false, false },
	};
	struct network listed;
	struct config none = { 0 }, some = { .networks = &listed, .n_networks = 1 };

	(void)state;
	assert_true(network_parse("203.0.113.0/24", &listed));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char address[16];

		assert_true(address_parse(slice_of(cases[i].address), address));
		if (config_is_inside(&none, address) != cases[i].private ||
		    config_is_inside(&some, address) != cases[i].listed ||
		    address_is_private(address) != cases[i].private)
			fail_msg("%s", cases[i].address);
	}
}

static int folder_make(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/inventory.yaml", folder);
	return 0;
}

static int folder_remove(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_key_of_the_inventory_is_read),
		cmocka_unit_test(test_a_host_of_a_site_without_a_class_is_company_web),
		cmocka_unit_test(test_no_file_and_an_empty_file_are_empty_inventories),
		cmocka_unit_test(test_every_fault_has_its_place_and_the_nearest_name),
		cmocka_unit_test(test_all_faults_come_in_one_run),
		cmocka_unit_test(test_hosts_are_found_by_short_and_full_name),
		cmocka_unit_test(test_of_two_with_one_short_name_the_one_that_matters_counts),
		cmocka_unit_test(test_the_closest_network_counts),
		cmocka_unit_test(test_people_are_found_by_logon_name_and_mail),
		cmocka_unit_test(test_sites_are_found_by_domain_host_and_path),
		cmocka_unit_test(test_domains_of_sites_and_mail_are_owned),
		cmocka_unit_test(test_free_mail_in_the_ledger_makes_no_domain_ours),
		cmocka_unit_test(test_rule_tests_name_hosts_addresses_domains_and_networks),
		cmocka_unit_test(test_networks_are_read_and_compared_bit_by_bit),
		cmocka_unit_test(test_inside_is_listed_or_private_where_nothing_is_listed),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
