// SPDX-License-Identifier: Apache-2.0
// A libnccl.so.2 of version 2.17.1: nothing that came later is in it, and nothing works. For tests of the start.
#include <nccl.h>

#define OLD(call) \
  ncclResult_t call { return ncclInternalError; }

extern "C" {

ncclResult_t ncclGetVersion(int* version) {
  *version = 21701;
  return ncclSuccess;
}
const char* ncclGetErrorString(ncclResult_t) { return "internal error"; }
const char* ncclGetLastError(ncclComm_t) { return ""; }

OLD(ncclGetUniqueId(ncclUniqueId*))
OLD(ncclCommInitRank(ncclComm_t*, int, ncclUniqueId, int))
OLD(ncclCommInitRankConfig(ncclComm_t*, int, ncclUniqueId, int, ncclConfig_t*))
OLD(ncclCommInitAll(ncclComm_t*, int, const int*))
OLD(ncclCommFinalize(ncclComm_t))
OLD(ncclCommDestroy(ncclComm_t))
OLD(ncclCommAbort(ncclComm_t))
OLD(ncclCommGetAsyncError(ncclComm_t, ncclResult_t*))
OLD(ncclCommCount(const ncclComm_t, int*))
OLD(ncclCommCuDevice(const ncclComm_t, int*))
OLD(ncclCommUserRank(const ncclComm_t, int*))
OLD(ncclRedOpCreatePreMulSum(ncclRedOp_t*, void*, ncclDataType_t, ncclScalarResidence_t, ncclComm_t))
OLD(ncclRedOpDestroy(ncclRedOp_t, ncclComm_t))
OLD(ncclReduce(const void*, void*, size_t, ncclDataType_t, ncclRedOp_t, int, ncclComm_t, cudaStream_t))
OLD(ncclBcast(void*, size_t, ncclDataType_t, int, ncclComm_t, cudaStream_t))
OLD(ncclBroadcast(const void*, void*, size_t, ncclDataType_t, int, ncclComm_t, cudaStream_t))
OLD(ncclAllReduce(const void*, void*, size_t, ncclDataType_t, ncclRedOp_t, ncclComm_t, cudaStream_t))
OLD(ncclReduceScatter(const void*, void*, size_t, ncclDataType_t, ncclRedOp_t, ncclComm_t, cudaStream_t))
OLD(ncclAllGather(const void*, void*, size_t, ncclDataType_t, ncclComm_t, cudaStream_t))
OLD(ncclSend(const void*, size_t, ncclDataType_t, int, ncclComm_t, cudaStream_t))
OLD(ncclRecv(void*, size_t, ncclDataType_t, int, ncclComm_t, cudaStream_t))
OLD(ncclGroupStart())
OLD(ncclGroupEnd())
}
