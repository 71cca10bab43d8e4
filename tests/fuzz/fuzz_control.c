/* A request on the control socket: any bytes get an answer. */
#include "fuzz.h"

#include "base/clock.h"
#include "control/control.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct control control = { .now = clock_now };
	struct err err;

	if (!control.store) {
		struct content_options options = { .config_path = NULL };
		struct problems problems = { 0 };
		static char folder[] = "/tmp/sokuho-fuzz-XXXXXX";

		control.content = content_load(&options, &problems);
		if (!control.content || !mkdtemp(folder) ||
		    store_open(folder, &control.store, &err) < 0)
			abort();
	}
	json_object_put(control_handle_line(&control, 0, (struct slice){ (const char *)data, size }));
	return 0;
}
