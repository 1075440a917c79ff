// SPDX-License-Identifier: Apache-2.0
// A stand-in for libnvidia-ml.so.1 with two GPUs of known readings, written after NVML's documentation: the second one
// is of a sort that lacks most of what can be asked.
#include <cstdio>
#include <cstring>

namespace {
constexpr int success = 0, not_supported = 3, not_found = 6;
char first, second;

int number_of(void* gpu, unsigned* out, unsigned value) {
  if (gpu != &first) return not_supported;
  *out = value;
  return success;
}
}  // namespace

extern "C" {
int nvmlInit_v2() { return success; }
int nvmlShutdown() { return success; }
const char* nvmlErrorString(int status) { return status == not_supported ? "Not Supported" : "Some Other Error"; }
int nvmlSystemGetDriverVersion(char* text, unsigned size) {
  std::snprintf(text, size, "580.00");
  return success;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* id, void** gpu) {
  if (std::strcmp(id, "0000:1B:00.0") != 0 && std::strcmp(id, "0000:43:00.0") != 0) return not_found;
  *gpu = std::strcmp(id, "0000:1B:00.0") == 0 ? &first : &second;
  return success;
}
int nvmlDeviceGetName(void*, char* text, unsigned size) {
  std::snprintf(text, size, "Stub GPU");
  return success;
}
int nvmlDeviceGetUUID(void* gpu, char* text, unsigned size) {
  std::snprintf(text, size, "GPU-%d", gpu == &first ? 1 : 2);
  return success;
}
int nvmlDeviceGetClockInfo(void* gpu, int kind, unsigned* out) { return number_of(gpu, out, kind == 1 ? 1755 : 2619); }
int nvmlDeviceGetMaxClockInfo(void* gpu, int kind, unsigned* out) {
  return number_of(gpu, out, kind == 1 ? 1980 : 2620);
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void* gpu, unsigned long long* out) {
  if (gpu != &first) return not_supported;
  *out = 0x4 | 0x40 | 0x1000;
  return success;
}
int nvmlDeviceGetTemperature(void* gpu, int, unsigned* out) { return number_of(gpu, out, 61); }
int nvmlDeviceGetPowerUsage(void* gpu, unsigned* out) { return number_of(gpu, out, 512'500); }
int nvmlDeviceGetEnforcedPowerLimit(void* gpu, unsigned* out) { return number_of(gpu, out, 700'000); }
int nvmlDeviceGetEccMode(void* gpu, unsigned* now, unsigned* next) {
  *next = 0;
  return number_of(gpu, now, 1);
}
int nvmlDeviceGetMigMode(void* gpu, unsigned* now, unsigned* next) {
  *next = 1;
  return number_of(gpu, now, 1);
}
int nvmlDeviceGetTotalEccErrors(void* gpu, int kind, int, unsigned long long* out) {
  if (gpu != &first) return not_supported;
  *out = kind == 0 ? 7'000'000'000ull : 2;
  return success;
}
int nvmlDeviceGetComputeMode(void* gpu, unsigned* out) { return number_of(gpu, out, 3); }
int nvmlDeviceGetPersistenceMode(void* gpu, unsigned* out) { return number_of(gpu, out, 1); }
int nvmlDeviceGetCurrPcieLinkWidth(void* gpu, unsigned* out) { return number_of(gpu, out, 8); }
int nvmlDeviceGetMaxPcieLinkWidth(void* gpu, unsigned* out) { return number_of(gpu, out, 16); }
int nvmlDeviceGetNvLinkState(void* gpu, unsigned link, unsigned* out) {
  return link < 18 ? number_of(gpu, out, link != 5) : 2;
}
int nvmlDeviceGetNvLinkRemoteDeviceType(void* gpu, unsigned, unsigned* out) { return number_of(gpu, out, 2); }
int nvmlDeviceGetNvLinkRemotePciInfo_v2(void*, unsigned link, void* pci) {
  std::snprintf(static_cast<char*>(pci) + 36, 32, "00000000:%02X:00.0", link % 2 == 0 ? 7 : 8);
  return success;
}
int nvmlDeviceGetGpuFabricInfoV(void* gpu, void* info) {
  auto* const bytes = static_cast<unsigned char*>(info);
  unsigned version = 0;
  std::memcpy(&version, bytes, sizeof version);
  if (version != 0x2000024 || gpu != &first) return not_supported;
  bytes[28] = 3;
  const unsigned clique = 9, health = 1;
  std::memcpy(bytes + 24, &clique, sizeof clique);
  std::memcpy(bytes + 32, &health, sizeof health);
  return success;
}
}
