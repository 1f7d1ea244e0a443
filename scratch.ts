import { readFileSync } from 'node:fs'
import { fitQuiet } from './src/scoring/fitQuiet.ts'
import { eventScore } from './src/scoring/eventScores.ts'
import { logits } from './src/scoring/logits.ts'
import { normalize } from './src/util/vector.ts'
const D='/work/shared/data/real-clip/'
function half(h:number){const s=h>>15?-1:1,e=(h>>10)&31,f=h&1023;return e===0?s*f*2**-24:e===31?NaN:s*(1+f/1024)*2**(e-15)}
function npy(f:string){const b=readFileSync(f);const n=b.readUInt16LE(8);const head=b.subarray(10,10+n).toString();const [r,c]=/\((\d+), (\d+)\)/.exec(head)!.slice(1).map(Number) as [number,number];const f16=head.includes('f2');const o=10+n;const rows:Float32Array[]=[];for(let i=0;i<r;i++){const v=new Float32Array(c);for(let k=0;k<c;k++)v[k]=f16?half(b.readUInt16LE(o+2*(i*c+k))):b.readFloatLE(o+4*(i*c+k));rows.push(v)}return rows}
const ph=JSON.parse(readFileSync(D+'text/phrases.json','utf8'));const names:string[]=Array.isArray(ph)?ph:ph.phrases;const T=npy(D+'text/phrases.npy').map(normalize);const ix=new Map(names.map((n,i)=>[n,i]));
const tv=(p:string)=>T[ix.get(p)!]!
const pics:Record<string,Float32Array[]>={};const P=(k:string)=>pics[k]??=npy(D+`pictures/${k}.npy`).map(normalize)
const mean=(v:Float32Array[])=>normalize(v[0]!.map((_,i)=>v.reduce((s,x)=>s+x[i]!,0)))
const cases=JSON.parse(readFileSync(D+'cases.json','utf8')).cases
const prior={centre:5,width:1}
function auc(p:number[],n:number[]){let w=0;for(const a of p)for(const b of n)w+=a>b?1:a===b?.5:0;return w/p.length/n.length}
const sum:number[][]=[]
for(const nc of [5,16])for(const c of cases){
 const ev={event:'e',positive:mean(c.prompts.map(tv)),contrast:c.background.slice(0,nc).map(tv),levels:null}
 const g=(k:string,i:number[])=>i.map(j=>P(k)[j]!)
 const pos=g(c.pictures,c.positive),neg=g(c.negative_pictures,c.negative),q=g(c.quiet_pictures,c.quiet)
 const t0=performance.now();const fit=fitQuiet(q,ev,100)!;const ms=performance.now()-t0
 const sc=(x:Float32Array,f:any)=>eventScore(ev,{embedding:x,logit:logits(x,100),calibration:prior,fit:f})
 const raw=(x:Float32Array)=>{const s=sc(x,fit);return s}
 const sp=pos.map(raw),sn=neg.map(raw),pp=pos.map(x=>sc(x,null)),pn=neg.map(x=>sc(x,null))
 const fr=(a:number[])=>a.filter(x=>x>=.5).length/a.length
 const row=[auc(sp,sn),fr(sp),fr(sn),auc(pp,pn),fr(pp),fr(pn)];sum.push(row)
 console.log(c.name.padEnd(30),nc,row.map(x=>x.toFixed(3)).join(' '),'loc',fit.location.toFixed(2),'spread',fit.spread.toFixed(2),'evf',fit.eventFraction.toFixed(2),'usual',fit.usualMargin!.toFixed(2),ms.toFixed(0)+'ms n'+q.length)
}
console.log('mean',sum[0]!.map((_,i)=>(sum.reduce((s,r)=>s+r[i]!,0)/sum.length).toFixed(3)).join(' '))
