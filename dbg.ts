import { PhoneScene } from './test/support/phone-scene.ts';
const t0=performance.now();
const log=(...a:unknown[])=>console.log((performance.now()-t0).toFixed(0),...a);
const [topology,join]=process.argv.slice(2) as ['A','always'];
const scene = await PhoneScene.start({topology,join},{webhook:(w,i)=>{log('hook',i,w);return null},request:(o,i)=>{log('req',i,o, '');return null}});
const timer=setTimeout(()=>{ dump(); process.exit(1)},9000);
function dump(){ console.log(scene.app.lines.join('')); console.log(scene.platform.rest.refusals, scene.platform.exchange.faults, JSON.stringify(scene.platform.rest.requests.map(r=>r.body))); }
const c = await scene.incoming(); log('incoming',c.callId);
await scene.untilMedia(c.callId, join==='always'?'bridge':'direct'); log('media');
const p = await scene.app.openPayment(c.callId); log('opened', p.body.state);
await scene.untilPayment(p.body.id as string,'capturing'); log('capturing');
await c.caller.press('4242424242424242'); await c.caller.press('1229'); await c.caller.press('123'); log('keyed');
console.log((await scene.app.call('GET',`/v1/payments/${p.body.id}`)).body);
await scene.untilPayment(p.body.id as string,'ready'); log('ready');
await scene.app.call('POST',`/v1/payments/${p.body.id}/process`); log('processed');
await scene.untilMedia(c.callId, join==='always'?'bridge':'direct'); log('back');
c.caller.hangUp(); await scene.agent.gone(); log('gone');
clearTimeout(timer); await scene.stop(); log('stopped'); process.exit(0);
