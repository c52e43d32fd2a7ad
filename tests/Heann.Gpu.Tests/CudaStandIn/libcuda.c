// A stand-in of NVIDIA's driver, for machines without one: the entry points that CudaDriver uses. The PTX itself is executed: each of its
// instructions becomes a statement of C (ptx.h), compiled by clang when the module is loaded. It is strict and as late as it may be:
// - a call without a current context, an address outside of an allocation, or a grid that no device takes, is refused with the driver's
//   code; an instruction that ptx.h does not have makes the module invalid;
// - copies and kernels wait in the stream until somebody synchronises, so that memory which is reused too early shows;
// - groups, and threads between barriers, run last one first.
// What it cannot say: whether NVIDIA's assembler takes the PTX, and how fast anything is. The script build makes it, .ci/run uses it.
#define _GNU_SOURCE
#include <ctype.h>
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include "ptx.h"

enum { SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, INVALID_DEVICE = 101, INVALID_IMAGE = 200, INVALID_CONTEXT = 201,
       INVALID_HANDLE = 400, NOT_FOUND = 500, NOT_READY = 600 };

#define MAX_ALLOCATIONS 4096
#define TOTAL_BYTES (6ull << 30)
#define GROUP 256
#define PARAMETER_BYTES 1024
#define SHARED_BYTES (48 << 10)
#define STACK_BYTES (64 << 10)

#ifdef __x86_64__
#define FMA "-mfma" // other processors have it anyway
#else
#define FMA ""
#endif

typedef struct { uintptr_t start; size_t bytes; } Range;

typedef void (*Kernel)(const char *parameters, char *shared, const Position *at, void (*barrier)(void));

typedef struct { Kernel run; int parameterBytes, hasBarrier; } Function;

typedef struct { struct Stream *stream; bool hasHappened; double milliseconds; } Event; // stream: where it was recorded

typedef struct Operation {
    struct Operation *next;
    enum { UPLOAD, DOWNLOAD, KERNEL, MARK } kind;
    uintptr_t device;
    void *host;
    size_t bytes;
    Function *function;
    unsigned grid[3];
    char parameters[PARAMETER_BYTES];
    Event *event;
} Operation;

typedef struct Stream { Operation *first, **last; } Stream;

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static bool isInitialized;
static int contextUsers;
static char theContext;
static __thread void *current;
static Range device[MAX_ALLOCATIONS], host[MAX_ALLOCATIONS];
static size_t deviceBytes;

// ---- PTX to C ----

typedef struct { char name[96]; int at; } Symbol; // of parameters and shared memory

static Symbol symbols[16];
static int symbolCount;

static void emitOperand(FILE *out, const char *s, size_t length)
{
    char text[128];
    snprintf(text, sizeof text, "%.*s", (int)length, s);
    char kind[4] = "";
    int number;
    if (sscanf(text, "%%%3[a-z]%d", kind, &number) == 2) {
        fprintf(out, "%s[%d]", kind, number);
    } else if (text[0] == '%') { // %tid.x
        char *dot = strchr(text, '.');
        fprintf(out, "at->%.*s[%d]", (int)(dot - text - 1), text + 1, dot[1] - 'x');
    } else if (!strncmp(text, "0d", 2)) {
        fprintf(out, "bits_f64(0x%sull)", text + 2);
    } else if (isdigit((unsigned char)text[0]) || text[0] == '-') {
        fprintf(out, "(%sll)", text);
    } else {
        for (int i = 0; i < symbolCount; i++)
            if (!strcmp(symbols[i].name, text)) { fprintf(out, "(%dll)", symbols[i].at); return; }
        fprintf(out, "unknown_%s", text);
    }
}

// "[base+offset]" as a sum.
static void emitAddress(FILE *out, const char *s)
{
    const char *end = strchr(s, ']'), *plus = memchr(s, '+', (size_t)(end - s));
    emitOperand(out, s + 1, (size_t)((plus ? plus : end) - s - 1));
    if (plus) fprintf(out, " + %.*s", (int)(end - plus - 1), plus + 1);
}

static void emitMemory(FILE *out, const char *opcode, char *operands)
{
    const char *type = strrchr(opcode, '.') + 1;
    const char *base = strstr(opcode, ".param") ? "parameters" : strstr(opcode, ".shared") ? "shared" : "(char *)0";
    char *address = strchr(operands, '[');
    if (opcode[0] == 's') {
        char *value = strrchr(operands, ',') + 1;
        while (*value == ' ') value++;
        fprintf(out, "STORE(%s, %s, ", type, base);
        emitAddress(out, address);
        fprintf(out, ", ");
        emitOperand(out, value, strlen(value));
        fprintf(out, ");\n");
        return;
    }
    int step = type[1] == '3' ? 4 : 8, element = 0;
    for (char *d = strtok(operands, "{, }"); d && *d == '%'; d = strtok(NULL, "{, }"), element++) {
        emitOperand(out, d, strlen(d));
        fprintf(out, " = LOAD(%s, %s, ", type, base);
        emitAddress(out, address);
        fprintf(out, " + %d);\n", element * step);
    }
}

static void emitInstruction(FILE *out, char *line)
{
    if (*line == '@') {
        bool isNegated = line[1] == '!';
        char *end = strchr(line, ' ');
        fprintf(out, "if (%s", isNegated ? "!" : "");
        emitOperand(out, line + 1 + isNegated, (size_t)(end - line - 1 - isNegated));
        fprintf(out, ") ");
        line = end + 1;
    }
    line[strcspn(line, ";")] = 0;
    char *operands = line + strcspn(line, " \t");
    if (*operands) *operands++ = 0;
    while (*operands == ' ' || *operands == '\t') operands++;
    if (!strncmp(line, "bra", 3)) {
        fprintf(out, "goto L%s;\n", strrchr(operands, '$') + 1);
    } else if (!strcmp(line, "ret")) {
        fprintf(out, "return;\n");
    } else if (!strcmp(line, "bar.sync")) {
        fprintf(out, "barrier();\n");
    } else if (!strncmp(line, "ld.", 3) || !strncmp(line, "st.", 3)) {
        emitMemory(out, line, operands);
    } else {
        char *operand = strtok(operands, ", ");
        emitOperand(out, operand, strlen(operand));
        fprintf(out, " = ");
        for (char *c = line; *c; c++) fputc(*c == '.' ? '_' : *c, out);
        fprintf(out, "(");
        for (int i = 0; (operand = strtok(NULL, ", ")); i++) {
            fprintf(out, i ? ", " : "");
            emitOperand(out, operand, strlen(operand));
        }
        fprintf(out, ");\n");
    }
}

static void translate(FILE *out, const char *ptx)
{
    char line[512], name[64] = "";
    int parameterBytes = 0, sharedBytes = 0, hasBarrier = 0;
    fprintf(out, "#include \"%s/ptx.h\"\n", FOLDER);
    for (const char *s = ptx; *s; s += strcspn(s, "\n"), s += *s != 0) {
        size_t length = strcspn(s, "\n");
        size_t lead = strspn(s, " \t");
        snprintf(line, sizeof line, "%.*s", (int)(length - (lead < length ? lead : length)), s + lead);
        char kind[8], symbol[96];
        int number, align, bytes;
        if (sscanf(line, ".visible .entry %63[a-z0-9_](", name) == 1) {
            symbolCount = parameterBytes = sharedBytes = hasBarrier = 0;
            fprintf(out, "void %s(const char *parameters, char *shared, const Position *at, void (*barrier)(void)) {\n", name);
        } else if (sscanf(line, ".param .u64 .ptr .global .align %d %95[A-Za-z0-9_]", &align, symbol) == 2) {
            symbols[symbolCount].at = parameterBytes;
            strcpy(symbols[symbolCount++].name, symbol);
            parameterBytes += 8;
        } else if (sscanf(line, ".param .align %d .b8 %95[A-Za-z0-9_][%d]", &align, symbol, &bytes) == 3) {
            symbols[symbolCount].at = parameterBytes;
            strcpy(symbols[symbolCount++].name, symbol);
            parameterBytes += bytes;
        } else if (sscanf(line, ".shared .align %d .b8 %95[A-Za-z0-9_$][%d]", &align, symbol, &bytes) == 3) {
            symbols[symbolCount].at = sharedBytes;
            strcpy(symbols[symbolCount++].name, symbol);
            sharedBytes += bytes;
            if (sharedBytes > SHARED_BYTES) fprintf(out, "too_much_shared_memory;\n");
        } else if (sscanf(line, ".reg .%7[a-z0-9] %%%3[a-z]<%d>", kind, symbol, &number) == 3) {
            fprintf(out, "%s %s[%d];\n", !strcmp(kind, "pred") ? "bool" : !strcmp(kind, "f64") ? "f64" : !strcmp(kind, "b32") ? "u32" : "u64", symbol, number);
        } else if (line[0] == '$') {
            fprintf(out, "L%.*s: ;\n", (int)(strcspn(line, ":") - 1), line + 1);
        } else if (line[0] == '}') {
            fprintf(out, "}\nint %s_parameters = %d, %s_barrier = %d;\n", name, parameterBytes, name, hasBarrier);
        } else if (line[0] && line[0] != '{' && line[0] != ')' && line[0] != '.' && strncmp(line, "//", 2)) {
            hasBarrier |= !strncmp(line, "bar.sync", 8);
            emitInstruction(out, line);
        } else if (line[0] == '.' && strncmp(line, ".version", 8) && strncmp(line, ".target", 7) && strncmp(line, ".address_size 64", 16)) {
            fprintf(out, "unknown directive %s\n", line);
        }
    }
}

static void *compile(const char *ptx)
{
    char folder[] = "/tmp/ptx.XXXXXX", command[512], path[64];
    if (!mkdtemp(folder)) return NULL;
    snprintf(path, sizeof path, "%s/ptx.c", folder);
    FILE *out = fopen(path, "w");
    translate(out, ptx);
    fclose(out);
    snprintf(command, sizeof command,
        "clang-16 -O1 " FMA " -ffp-contract=off -fno-strict-aliasing -w -shared -fPIC -o %s/ptx.so %s && [ -e %s/ptx.so ]", folder, path, folder);
    char *preload = getenv("LD_LIBRARY_PATH") ? strdup(getenv("LD_LIBRARY_PATH")) : NULL;
    unsetenv("LD_LIBRARY_PATH"); // not for the compiler
    int failed = system(command);
    if (preload) setenv("LD_LIBRARY_PATH", preload, 1);
    free(preload);
    snprintf(path, sizeof path, "%s/ptx.so", folder);
    void *library = failed ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) ? NULL : library;
}

// ---- a group: threads take turns at barriers ----
// Each has a stack for good and begins again for every group. Turns are changed by _setjmp and _longjmp, which ask the system for nothing.

typedef struct { jmp_buf turn; Position at; bool isStarted, isDone; } Thread;

static Thread threads[GROUP];
static Thread *running;
static jmp_buf scheduler;
static ucontext_t start;
static const Operation *work;
static char shared[SHARED_BYTES];
static char stacks[GROUP][STACK_BYTES];

static void giveTurn(void)
{
    if (!_setjmp(running->turn)) _longjmp(scheduler, 1);
}

static void runThread(void)
{
    for (;;) {
        work->function->run(work->parameters, shared, &running->at, giveTurn);
        running->isDone = true;
        giveTurn();
    }
}

static void takeTurn(Thread *thread)
{
    running = thread;
    if (_setjmp(scheduler)) return;
    if (thread->isStarted) _longjmp(thread->turn, 1);
    thread->isStarted = true;
    getcontext(&start);
    start.uc_stack.ss_sp = stacks[thread - threads];
    start.uc_stack.ss_size = STACK_BYTES;
    makecontext(&start, runThread, 0);
    setcontext(&start);
}

static void runGroup(const Operation *o, unsigned x, unsigned y, unsigned z)
{
    for (unsigned t = 0; t < GROUP; t++) {
        threads[t].at = (Position){ { t, 0, 0 }, { GROUP, 1, 1 }, { x, y, z }, { o->grid[0], o->grid[1], o->grid[2] } };
        threads[t].isDone = false;
    }
    if (!o->function->hasBarrier) {
        for (int t = GROUP - 1; t >= 0; t--) o->function->run(o->parameters, shared, &threads[t].at, NULL);
        return;
    }
    memset(shared, 0xFF, sizeof shared); // nothing is there at first: NaN
    work = o;
    for (int left = GROUP; left;) {
        left = 0;
        for (int t = GROUP - 1; t >= 0; t--) {
            if (!threads[t].isDone) takeTurn(&threads[t]);
            left += !threads[t].isDone;
        }
    }
}

// ---- memory ----

static bool isInside(const Range *ranges, uintptr_t start, size_t bytes)
{
    for (int i = 0; i < MAX_ALLOCATIONS; i++)
        if (ranges[i].start && start >= ranges[i].start && bytes <= ranges[i].bytes && start - ranges[i].start <= ranges[i].bytes - bytes) return true;
    return false;
}

static int allocate(Range *ranges, void **result, size_t bytes)
{
    for (int i = 0; i < MAX_ALLOCATIONS; i++) {
        if (ranges[i].start) continue;
        void *memory;
        if (posix_memalign(&memory, 256, bytes ? bytes : 1)) return OUT_OF_MEMORY;
        ranges[i] = (Range){ (uintptr_t)memory, bytes };
        *result = memory;
        return SUCCESS;
    }
    return OUT_OF_MEMORY;
}

static int release(Range *ranges, uintptr_t start, size_t *bytes)
{
    for (int i = 0; i < MAX_ALLOCATIONS; i++) {
        if (!start || ranges[i].start != start) continue;
        *bytes = ranges[i].bytes;
        ranges[i].start = 0;
        free((void *)start);
        return SUCCESS;
    }
    return INVALID_VALUE;
}

// ---- the stream ----

static void run(const Operation *o)
{
    switch (o->kind) {
    case UPLOAD: memcpy((void *)o->device, o->host, o->bytes); break;
    case DOWNLOAD: memcpy(o->host, (void *)o->device, o->bytes); break;
    case MARK: {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        o->event->milliseconds = (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
        o->event->hasHappened = true;
        break;
    }
    case KERNEL:
        for (unsigned z = o->grid[2]; z-- > 0;)
            for (unsigned y = o->grid[1]; y-- > 0;)
                for (unsigned x = o->grid[0]; x-- > 0;) runGroup(o, x, y, z);
        break;
    }
}

static void runUntil(Stream *stream, const Event *event)
{
    while (stream->first && !(event && event->hasHappened)) {
        Operation *o = stream->first;
        stream->first = o->next;
        if (!stream->first) stream->last = &stream->first;
        run(o);
        free(o);
    }
}

static void add(Stream *stream, Operation o)
{
    Operation *copy = malloc(sizeof o);
    *copy = o;
    copy->next = NULL;
    *stream->last = copy;
    stream->last = &copy->next;
}

#define ENTER \
    pthread_mutex_lock(&gate); \
    int code = !isInitialized ? NOT_INITIALIZED : current != &theContext || !contextUsers ? INVALID_CONTEXT : SUCCESS; \
    if (!code)
#define LEAVE pthread_mutex_unlock(&gate); return code

// ---- the interface ----

int cuInit(unsigned flags) { isInitialized = !flags; return flags ? INVALID_VALUE : SUCCESS; }

int cuDriverGetVersion(int *version) { *version = 12040; return SUCCESS; }

int cuDeviceGetCount(int *count) { *count = isInitialized; return isInitialized ? SUCCESS : NOT_INITIALIZED; }

int cuDeviceGet(int *handle, int ordinal) { *handle = 7; return !isInitialized ? NOT_INITIALIZED : ordinal ? INVALID_DEVICE : SUCCESS; }

int cuDeviceGetName(char *name, int length, int handle)
{
    snprintf(name, (size_t)length, "stand-in of NVIDIA's driver");
    return handle == 7 ? SUCCESS : INVALID_DEVICE;
}

int cuDeviceTotalMem_v2(size_t *bytes, int handle) { *bytes = TOTAL_BYTES; return handle == 7 ? SUCCESS : INVALID_DEVICE; }

int cuDeviceGetAttribute(int *value, int attribute, int handle)
{
    *value = 9;
    return handle != 7 ? INVALID_DEVICE : attribute == 75 ? SUCCESS : INVALID_VALUE;
}

int cuDevicePrimaryCtxRetain(void **context, int handle)
{
    pthread_mutex_lock(&gate);
    int code = !isInitialized ? NOT_INITIALIZED : handle != 7 ? INVALID_DEVICE : SUCCESS;
    if (!code) { contextUsers++; *context = &theContext; }
    LEAVE;
}

int cuDevicePrimaryCtxRelease_v2(int handle)
{
    pthread_mutex_lock(&gate);
    int code = handle != 7 ? INVALID_DEVICE : !contextUsers ? INVALID_CONTEXT : SUCCESS;
    if (!code) contextUsers--;
    LEAVE;
}

int cuCtxSetCurrent(void *context) { current = context; return context && context != &theContext ? INVALID_CONTEXT : SUCCESS; }

int cuModuleLoadDataEx(void **module, const char *image, unsigned optionCount, int *options, void **values)
{
    ENTER {
        char *log = NULL;
        size_t logBytes = 0;
        for (unsigned i = 0; i < optionCount; i++) {
            if (options[i] == 5) log = values[i];
            if (options[i] == 6) logBytes = (size_t)values[i];
        }
        *module = compile(image);
        code = *module ? SUCCESS : INVALID_IMAGE;
        if (code && log && logBytes) snprintf(log, logBytes, "the stand-in's compiler refused the PTX: see standard error");
    }
    LEAVE;
}

int cuModuleUnload(void *module)
{
    ENTER dlclose(module);
    LEAVE;
}

int cuModuleGetFunction(Function **function, void *module, const char *name)
{
    ENTER {
        char parameters[96], barrier[96];
        snprintf(parameters, sizeof parameters, "%s_parameters", name);
        snprintf(barrier, sizeof barrier, "%s_barrier", name);
        Kernel kernel = (Kernel)dlsym(module, name);
        code = kernel ? SUCCESS : NOT_FOUND;
        if (!code) {
            *function = malloc(sizeof **function);
            **function = (Function){ kernel, *(int *)dlsym(module, parameters), *(int *)dlsym(module, barrier) };
        }
    }
    LEAVE;
}

int cuStreamCreate(Stream **stream, unsigned flags)
{
    ENTER {
        (void)flags;
        *stream = calloc(1, sizeof **stream);
        (*stream)->last = &(*stream)->first;
    }
    LEAVE;
}

int cuStreamDestroy_v2(Stream *stream)
{
    ENTER {
        runUntil(stream, NULL);
        free(stream);
    }
    LEAVE;
}

int cuStreamSynchronize(Stream *stream)
{
    ENTER runUntil(stream, NULL);
    LEAVE;
}

int cuMemAlloc_v2(uint64_t *address, size_t bytes)
{
    ENTER {
        void *memory = NULL;
        code = bytes > TOTAL_BYTES - deviceBytes ? OUT_OF_MEMORY : allocate(device, &memory, bytes);
        if (!code) { *address = (uint64_t)memory; deviceBytes += bytes; }
    }
    LEAVE;
}

int cuMemFree_v2(uint64_t address)
{
    ENTER {
        size_t bytes = 0;
        code = release(device, address, &bytes);
        deviceBytes -= bytes;
    }
    LEAVE;
}

int cuMemHostAlloc(void **address, size_t bytes, unsigned flags)
{
    ENTER code = flags ? INVALID_VALUE : allocate(host, address, bytes);
    LEAVE;
}

int cuMemFreeHost(void *address)
{
    ENTER {
        size_t bytes = 0;
        code = release(host, (uintptr_t)address, &bytes);
    }
    LEAVE;
}

int cuEventCreate(Event **event, unsigned flags)
{
    ENTER {
        (void)flags;
        *event = calloc(1, sizeof **event);
    }
    LEAVE;
}

int cuEventRecord(Event *event, Stream *stream)
{
    ENTER {
        event->stream = stream;
        add(stream, (Operation){ .kind = MARK, .event = event });
    }
    LEAVE;
}

int cuEventSynchronize(Event *event)
{
    ENTER {
        code = event->stream ? SUCCESS : INVALID_HANDLE;
        if (!code && !event->hasHappened) runUntil(event->stream, event);
    }
    LEAVE;
}

int cuEventElapsedTime(float *milliseconds, Event *from, Event *to)
{
    ENTER {
        code = !from->stream || !to->stream ? INVALID_HANDLE : !from->hasHappened || !to->hasHappened ? NOT_READY : SUCCESS;
        *milliseconds = (float)(to->milliseconds - from->milliseconds);
    }
    LEAVE;
}

// One that has not happened is waited for, so that the stream never meets a freed one.
int cuEventDestroy_v2(Event *event)
{
    ENTER {
        if (event->stream && !event->hasHappened) runUntil(event->stream, event);
        free(event);
    }
    LEAVE;
}

int cuMemcpyHtoDAsync_v2(uint64_t destination, void *source, size_t bytes, Stream *stream)
{
    ENTER {
        code = isInside(device, destination, bytes) && isInside(host, (uintptr_t)source, bytes) ? SUCCESS : INVALID_VALUE;
        if (!code) add(stream, (Operation){ .kind = UPLOAD, .device = destination, .host = source, .bytes = bytes });
    }
    LEAVE;
}

int cuMemcpyDtoHAsync_v2(void *destination, uint64_t source, size_t bytes, Stream *stream)
{
    ENTER {
        code = isInside(device, source, bytes) ? SUCCESS : INVALID_VALUE;
        if (!code) add(stream, (Operation){ .kind = DOWNLOAD, .device = source, .host = destination, .bytes = bytes });
    }
    LEAVE;
}

int cuLaunchKernel(
    Function *function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,
    Stream *stream, void **arguments, void **extra)
{
    ENTER {
        bool isRight = gridX && gridX < 1u << 31 && gridY && gridY < 1u << 16 && gridZ && gridZ < 1u << 16 && blockX == GROUP && blockY == 1
            && blockZ == 1 && !sharedBytes && !extra && function->parameterBytes <= PARAMETER_BYTES;
        Operation o = { .kind = KERNEL, .function = function, .grid = { gridX, gridY, gridZ } };
        if (isRight) { // an address, and the structure behind it
            memcpy(o.parameters, arguments[0], 8);
            memcpy(o.parameters + 8, arguments[1], (size_t)function->parameterBytes - 8);
            add(stream, o);
        }
        code = isRight ? SUCCESS : INVALID_VALUE;
    }
    LEAVE;
}

int cuGetErrorString(int code, const char **text)
{
    *text = code == OUT_OF_MEMORY ? "out of memory" : code == INVALID_VALUE ? "invalid argument" : "an error of the stand-in";
    return SUCCESS;
}
